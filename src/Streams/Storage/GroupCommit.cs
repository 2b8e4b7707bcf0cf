using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace Orca.Streams.Storage;

/// <summary>One loop that owns the writing connection: what waits together is committed together, and acknowledged only then.</summary>
internal sealed class GroupCommit
{
    private readonly string path;
    private readonly TraceStatements statements;
    private readonly int maxBatch;
    private readonly Channel<PendingWrite> waiting;
    private readonly Task loop;
    private int uncommitted;

    public GroupCommit(string path, TraceStatements statements, TraceStoreOptions options)
    {
        this.path = path;
        this.statements = statements;
        maxBatch = options.MaxBatch;
        waiting = Channel.CreateBounded<PendingWrite>(new BoundedChannelOptions(options.QueueCapacity)
        {
            FullMode = BoundedChannelFullMode.Wait,
            SingleReader = true,
            SingleWriter = false,
        });
        loop = Task.Run(RunAsync);
    }

    /// <summary>Writes that were taken and are not committed, or refused, yet.</summary>
    public int Waiting => Volatile.Read(ref uncommitted);

    /// <summary>Writes in the order of the calls; complete when committed.</summary>
    /// <param name="write">What is written.</param>
    /// <param name="cancellationToken">Ends the wait for room.</param>
    /// <param name="lost">Called by the loop, before it writes anything else, where this could not be written.</param>
    public async Task<T> WriteAsync<T>(Func<TraceStatements, T> write, CancellationToken cancellationToken, Action? lost = null)
    {
        var pending = new PendingWrite<T>(write, lost);
        Interlocked.Increment(ref uncommitted);
        try
        {
            // Once it waits it is no longer cancelled: what was paid for is written.
            await waiting.Writer.WriteAsync(pending, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Interlocked.Decrement(ref uncommitted);
            throw;
        }
        catch (ChannelClosedException)
        {
            Interlocked.Decrement(ref uncommitted);
            throw new TraceStoreException($"The trace store '{path}' is closed; nothing more can be written.");
        }

        return await pending.Done;
    }

    /// <summary>Writes what waits, then ends.</summary>
    public Task CompleteAsync()
    {
        waiting.Writer.TryComplete();
        return loop;
    }

    private async Task RunAsync()
    {
        var batch = new List<PendingWrite>(maxBatch);
        while (await waiting.Reader.WaitToReadAsync())
        {
            while (batch.Count < maxBatch && waiting.Reader.TryRead(out var write))
            {
                batch.Add(write);
            }

            Commit(batch);
            batch.Clear();
        }
    }

    private void Commit(List<PendingWrite> batch)
    {
        try
        {
            statements.Begin();
            batch.ForEach(write => write.Run(statements));
            statements.Commit();
        }
        catch (Exception failure)
        {
            // Every caller hears of it before anything else is tried, which may fail too; and the loop lives on for those to come.
            var refusal = failure is SqliteException or IOException ? StoreFault.Writing(path, failure) : failure;
            Fail(batch, refusal);
            RollBack();
            return;
        }

        Interlocked.Add(ref uncommitted, -batch.Count);
        batch.ForEach(write => write.Succeed());
    }

    private void Fail(List<PendingWrite> batch, Exception refusal)
    {
        Interlocked.Add(ref uncommitted, -batch.Count);
        batch.ForEach(write => write.Fail(refusal));
    }

    // Where that fails, SQLite has mostly rolled back by itself; if not, the next group cannot begin, and its callers hear of it.
    private void RollBack()
    {
        try
        {
            statements.RollBack();
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
        }
    }
}
