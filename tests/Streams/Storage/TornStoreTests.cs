using Orca.Streams.Screening;
using Orca.Streams.Storage;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Storage;

public sealed class TornStoreTests : IDisposable
{
    private const int Answers = 40;
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Pitfall_6_Cut_off_anywhere_the_log_costs_its_tail_and_nothing_before()
    {
        var ids = await WriteAsync();
        var log = new FileInfo(folder["running.db-wal"]);
        var random = new Random(6);
        var found = new List<int>();
        for (var cut = 0; cut < 40; cut++)
        {
            var torn = folder[$"torn-{cut}/traces.db"];
            Directory.CreateDirectory(Path.GetDirectoryName(torn)!);
            File.Copy(folder["running.db"], torn);
            File.Copy(log.FullName, torn + "-wal");
            using (var file = File.OpenWrite(torn + "-wal"))
            {
                file.SetLength(cut == 0 ? log.Length : random.NextInt64(log.Length));
            }

            found.Add(await CountAsync(torn, ids));
        }

        Assert.Equal(Answers, found[0]);
        Assert.Contains(found, count => count is > 0 and < Answers);
    }

    // Copied while the store is open: a log is there, as a killed process leaves it.
    private async Task<List<string>> WriteAsync()
    {
        await using var store = TraceStore.Open(folder["traces.db"]);
        var ids = new List<string>();
        for (var number = 0; number < Answers; number++)
        {
            var trace = Questions.Trace($"question {number}", $"The answer is {number}.");
            var key = await store.AskAsync(trace.Request, TestContext.Current.CancellationToken);
            await store.AnswerAsync(key, trace, TestContext.Current.CancellationToken);
            await store.SettleAsync(key, ScreenSet.Of(["empty"]).Judge(trace));
            ids.Add(trace.Request.Id);
        }

        File.Copy(folder["traces.db"], folder["running.db"]);
        File.Copy(folder["traces.db-wal"], folder["running.db-wal"]);
        return ids;
    }

    // How many answers are there: all up to one, whole, and none after it.
    private static async Task<int> CountAsync(string path, List<string> ids)
    {
        await using var store = TraceStore.Open(path);
        var known = ids.Select(id => store.Find(id)?.Answer?.Response).ToList();
        var count = known.TakeWhile(answer => answer is not null).Count();
        Assert.Equal(Enumerable.Range(0, count).Select(number => $"The answer is {number}."), known.Take(count));
        Assert.All(known.Skip(count), Assert.Null);
        Assert.InRange(store.Counts.Accepted, count - 1, count);
        return count;
    }
}
