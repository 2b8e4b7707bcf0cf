using Orca.Streams.Storage;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Storage;

public sealed class GroupCommitTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Who_waits_hears_of_a_failure_though_rolling_back_fails_too_and_so_does_whoever_comes_later()
    {
        var path = folder["traces.db"];
        await using (TraceStore.Open(path))
        {
        }

        var connection = StoreFile.OpenWriter(path, new TraceStoreOptions());
        using var statements = new TraceStatements(connection, TimeProvider.System);
        var writer = new GroupCommit(path, statements, new TraceStoreOptions());

        var first = writer.WriteAsync<int>(
            _ =>
            {
                // As where the file is gone from under the process: nothing that is said to the connection works any more.
                statements.Dispose();
                throw new IOException("input/output error");
            },
            Cancelled);

        var failure = await Assert.ThrowsAsync<TraceStoreException>(() => first.WaitAsync(TimeSpan.FromSeconds(10), Cancelled));
        Assert.Contains("input/output error", failure.ToString(), StringComparison.Ordinal);
        var later = writer.WriteAsync(_ => 1, Cancelled);
        await Assert.ThrowsAnyAsync<Exception>(() => later.WaitAsync(TimeSpan.FromSeconds(10), Cancelled));
        Assert.True(later.IsFaulted, "it is answered, and not by the test's patience");
        await writer.CompleteAsync().WaitAsync(TimeSpan.FromSeconds(10), Cancelled);
    }
}
