using Orca.Cli.Commands;
using Orca.Cli.Tuning;
using Orca.Streams.Curricula.Control;

namespace Orca.Cli.Tests.Tuning;

public sealed class CommandTextsTests
{
    [Theory]
    [InlineData("""{"command":"publish"}""", 1)]
    [InlineData("{\"command\":\"publish\"}\n{\"command\":\"pause\"}\n", 2)]
    [InlineData("{\n  \"command\": \"mixture\",\n  \"weights\": { \"cot\": 2 }\n}\n{\"command\":\"resume\",\"what\":\"training\"}", 2)]
    public async Task Json_is_a_text_a_file_or_standard_input(string json, int count)
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory().FullName, "commands.jsonl");
        await File.WriteAllTextAsync(file, json, TestContext.Current.CancellationToken);
        try
        {
            var text = await ReadAsync(json, "");
            Assert.Equal(count, text.Count);
            foreach (var same in new[] { await ReadAsync(file, ""), await ReadAsync("-", json) })
            {
                Assert.Equal(text.Select(CommandJson.Write), same.Select(CommandJson.Write));
            }
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }

    [Theory]
    [InlineData("commands.jsn", "is neither a file nor JSON")]
    [InlineData("", "no command to send")]
    public async Task What_is_no_json_is_told(string source, string sentence) =>
        Assert.Contains(sentence, (await Assert.ThrowsAsync<CommandException>(() => ReadAsync(source, ""))).Message);

    [Fact]
    public async Task A_command_of_another_kind_is_refused_with_those_that_there_are() => Assert.Contains(
        "rollback", (await Assert.ThrowsAsync<CommandRefusedException>(() => ReadAsync("""{"command":"explode"}""", ""))).Message);

    private static Task<IReadOnlyList<CurriculumCommand>> ReadAsync(string source, string input) =>
        CommandTexts.ReadAsync(source, new StringReader(input), TestContext.Current.CancellationToken);
}
