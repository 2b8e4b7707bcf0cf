using System.Runtime.CompilerServices;
using Orca.Serving.Requests;

namespace Orca.Serving.Tests.Requests;

public class EventMergeTests
{
    [Fact]
    public async Task A_reader_that_leaves_while_the_next_event_is_awaited_ends_the_source_first()
    {
        var hasEnded = false;
        await foreach (var happened in Events(TestContext.Current.CancellationToken).MergeAsync(everyTokens: 1, withoutText: false, TestContext.Current.CancellationToken))
        {
            Assert.Equal("a", Assert.IsType<GenerationEvent.Delta>(happened).Text);
            break;
        }

        Assert.True(hasEnded);

        async IAsyncEnumerable<GenerationEvent> Events([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            yield return new GenerationEvent.Delta("a", [1], 1, 0);
            try
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            finally
            {
                hasEnded = true;
            }
        }
    }
}
