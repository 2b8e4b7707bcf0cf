using System.Runtime.CompilerServices;
using Orca.Serving.Requests;

namespace Orca.Serving.Tests.Requests;

/// <summary>Deltas gathered while their reader is slow, or leaves.</summary>
public class EventMergeTests
{
    [Fact]
    public async Task A_reader_may_leave_while_the_next_event_is_under_way()
    {
        var source = new Source();
        await using (var merged = source.EventsAsync().MergeAsync(1, withoutText: false, CancellationToken.None).GetAsyncEnumerator(TestContext.Current.CancellationToken))
        {
            Assert.True(await merged.MoveNextAsync());
            Assert.Equal("a", Assert.IsType<GenerationEvent.Delta>(merged.Current).Text);
        }

        Assert.Equal((true, true), (source.WasCancelled, source.WasDisposed));
    }

    [Fact]
    public async Task What_the_source_throws_reaches_the_reader()
    {
        var merged = Failing().MergeAsync(1, withoutText: false, CancellationToken.None);
        await Assert.ThrowsAsync<GenerationException>(async () => await merged.CountAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Deltas_that_wait_for_their_reader_come_as_one()
    {
        var taken = new TaskCompletionSource();
        async IAsyncEnumerable<GenerationEvent> Ready()
        {
            foreach (var text in new[] { "a", "b", "c" })
            {
                yield return Delta(text);
            }

            await taken.Task;
            yield return Delta("d");
        }

        var merged = new List<string>();
        await foreach (var delta in Ready().MergeAsync(1, withoutText: false, TestContext.Current.CancellationToken).Cast<GenerationEvent.Delta>())
        {
            merged.Add(delta.Text);
            taken.TrySetResult();
        }

        Assert.Equal(["abc", "d"], merged);
    }

    private static GenerationEvent.Delta Delta(string text) => new(text, [1], 1, 0);

    private static async IAsyncEnumerable<GenerationEvent> Failing()
    {
        yield return Delta("a");
        await Task.Yield();
        throw new GenerationException(Failure.StepFailed, "It failed.");
    }

    private sealed class Source
    {
        public bool WasCancelled { get; private set; }

        public bool WasDisposed { get; private set; }

        public async IAsyncEnumerable<GenerationEvent> EventsAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            try
            {
                yield return Delta("a");
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            finally
            {
                (WasCancelled, WasDisposed) = (cancellationToken.IsCancellationRequested, true);
            }
        }
    }
}
