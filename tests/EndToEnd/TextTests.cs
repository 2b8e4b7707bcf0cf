using System.Text.RegularExpressions;

namespace Orca.EndToEnd.Tests;

/// <summary>What is written on the command line, in files and in pipes is taken for what it is.</summary>
public sealed partial class TextTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_models_own_folder_can_be_stood_in()
    {
        var model = SpellingStudent.Publish(_folder.Path, "ab");
        var ended = await OrcaProcess.RunAsync(model, "generate", ".", "--prompt", "@bob says -hi", "--temperature", "0");
        Assert.Equal((0, "ab", ""), (ended.Code, ended.Output, ended.Errors));

        var named = await OrcaProcess.RunAsync(model, "generate", ".", "--settings", "orca.json");
        Assert.Contains("'orca.json' is the manifest of a checkpoint, not a settings file", named.Mistake());
    }

    [Fact]
    public async Task Settings_may_lie_in_a_models_folder()
    {
        var model = SpellingStudent.Publish(_folder.Path, "ab");
        await File.WriteAllTextAsync(
            Path.Combine(model, "orca.json"), """{ "serving": { "maxContextTokens": 64 } }""", TestContext.Current.CancellationToken);
        var ended = await OrcaProcess.RunAsync(model, "generate", ".", "--prompt", "x", "--temperature", "0");
        Assert.Equal((0, "ab", ""), (ended.Code, ended.Output, ended.Errors));
    }

    [Fact]
    public async Task A_folder_may_have_a_comma()
    {
        var ended = await OrcaProcess.RunAsync(
            _folder.Path, "daemon", "--run", "a, b", "--roles", "serve", "--port", "0", "--max-minutes", "0.01");
        Assert.True(ended.Code == 0, ended.Output + ended.Errors);
        Assert.True(Directory.Exists(Path.Combine(_folder.Path, "a, b")));
    }

    [Fact]
    public async Task An_unknown_command_in_a_chat_is_told_and_sent_to_nobody()
    {
        var ended = await OrcaProcess.RunAsync(_folder.Path, "/systems Be brief.\nWhat is 2 + 3?\n", ["chat", "127.0.0.1:1"]);
        Assert.StartsWith("'/systems' is no command", ended.Mistake());
    }

    [Fact]
    public async Task Keys_that_are_made_at_the_same_time_are_all_kept()
    {
        var made = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => OrcaProcess.RunAsync(_folder.Path, "keys", "add", $"k{i}")));
        Assert.All(made, one => Assert.Matches(Key(), one.Output));
        var listed = await OrcaProcess.RunAsync(_folder.Path, "keys", "list");
        Assert.Equal(["k0 read", "k1 read", "k2 read", "k3 read"], listed.Output.Split('\n').Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("out.gguf")]
    [InlineData("out")]
    public async Task What_a_conversion_would_replace_is_told_before_it_begins(string output)
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "out"));
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "out.gguf"), "mine", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "out", "mine"), "", TestContext.Current.CancellationToken);
        var ended = await OrcaProcess.RunAsync(_folder.Path, "convert", "nothing", output, "--tokenizer", "none");
        Assert.Contains($"'{output}' exists already", ended.Mistake());
    }

    [GeneratedRegex("^orca-[0-9a-f]{64}$")]
    private static partial Regex Key();
}
