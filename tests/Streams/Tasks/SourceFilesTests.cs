using Orca.Streams.Tasks.Files;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Tasks;

public sealed class SourceFilesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Each_file_is_taken_once_under_its_own_name_whichever_links_lead_to_it()
    {
        folder.Write("data/a/one.jsonl", "1");
        folder.Write("data/b/two.jsonl", "2");
        folder.Write("data/b/other.txt", "no");
        folder.Write("elsewhere/three.jsonl", "3");
        Directory.CreateSymbolicLink(folder["data/a/above"], folder["data"]);
        Directory.CreateSymbolicLink(folder["data/beside"], folder["elsewhere"]);
        File.CreateSymbolicLink(folder["data/a/again.jsonl"], folder["data/b/two.jsonl"]);
        Directory.CreateSymbolicLink(folder["linked"], folder["data"]);

        string[] tasks = ["a/one", "b/two", "beside/three"];
        Assert.Equal(tasks, Tasks(folder["data"]));
        Assert.Equal(tasks, Tasks(folder["linked"]));
    }

    [Fact]
    public async Task Links_that_lead_nowhere_or_to_themselves_are_told_when_they_are_read()
    {
        folder.Write("data/one.jsonl", "1");
        File.CreateSymbolicLink(folder["data/circle.jsonl"], folder["data/circle.jsonl"]);
        File.CreateSymbolicLink(folder["data/nowhere.jsonl"], folder["data/gone.jsonl"]);

        Assert.Equal(["circle", "nowhere", "one"], Tasks(folder["data"]));
        folder.Write("data/one.jsonl", """{"prompt": "Q"}""");
        var faults = new FaultList();
        Assert.Single(await Sources.ReadAsync($"jsonl:{folder["data"]}", faults));
        Assert.Equal(2, faults.Count);
    }

    private static IEnumerable<string> Tasks(string path) => SourceFiles.Find(path, [".jsonl"], "JSON lines").Select(file => file.Task);
}
