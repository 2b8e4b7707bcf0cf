using Orca.Cli.Commands;
using Orca.Cli.Teacher;

namespace Orca.Cli.Tests.Teacher;

public sealed class DescriptionFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("orca-").FullName;

    [Fact]
    public void A_description_is_read_with_its_comments()
    {
        var read = DescriptionFile.Read(Write("""
            {
              "seed": 3, "timeScale": 60, // an hour a minute
              "models": [{ "name": "m", "requestsPerMinute": 18, "latencyMs": 900, "latencySigma": 0.4, "priceIn": 30 }],
              "keys": [{ "name": "alice", "key": "a-1" }],
              "faults": [{ "fault": "429-seconds", "probability": 0.05 }],
            }
            """));
        Assert.Equal((3, 60, 18.0, 30m), (read.Seed, read.TimeScale, read.Models[0].RequestsPerMinute, read.Models[0].PriceIn));
        Assert.Equal("429-seconds", Assert.Single(read.Faults).Fault);
    }

    [Theory]
    [InlineData("""{ "modles": [] }""", "modles")]
    [InlineData("""{ "timeScale": "fast" }""", "$.timeScale, line 1")]
    [InlineData("{", "line 1")]
    [InlineData("null", "null")]
    [InlineData("""{ "timeScale": 0 }""", "timeScale is 0")]
    [InlineData("""{ "models": [] }""", "models")]
    [InlineData("""{ "models": [{ "name": "m" }, { "name": "m" }] }""", "a name of its own")]
    [InlineData("""{ "models": [{ "name": "m", "strength": "weak" }] }""", "strength of 'm' is 'weak'")]
    [InlineData("""{ "models": [{ "name": "m", "errorRate": 2 }] }""", "errorRate of 'm' is 2")]
    [InlineData("""{ "models": [{ "name": "m", "requestsPerMinute": 0 }] }""", "a quota of 'm'")]
    [InlineData("""{ "models": [{ "name": "m", "latencyMs": -1 }] }""", "latency or price of 'm'")]
    [InlineData("""{ "keys": [{ "name": "a", "key": "1" }, { "name": "b", "key": "1" }] }""", "keys")]
    [InlineData("""{ "faults": [{ "fault": "501" }] }""", "there is no fault '501', expected one of 307, 400")]
    [InlineData("""{ "faults": [{ "fault": "500", "probability": 5 }] }""", "probability 0 to 1")]
    public void A_mistake_is_told_in_one_sentence_that_names_it(string text, string named)
    {
        var message = Assert.Throws<CommandException>(() => DescriptionFile.Read(Write(text))).Message;
        Assert.Contains(named, message);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void A_missing_file_is_named() =>
        Assert.Contains("nowhere.json", Assert.Throws<CommandException>(() => DescriptionFile.Read("nowhere.json")).Message);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string Write(string text)
    {
        var path = Path.Combine(folder, "teacher.json");
        File.WriteAllText(path, text);
        return path;
    }
}
