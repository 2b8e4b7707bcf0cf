using System.Runtime.CompilerServices;
using System.Text;

namespace Orca.Serving.Requests;

/// <summary>
/// Gathers deltas while the caller takes the one before, so that a slow caller gets fewer, longer ones. Those of different
/// samples, or of different versions, are never mixed.
/// </summary>
internal static class EventMerge
{
    /// <summary>The events, with fewer deltas.</summary>
    /// <param name="events">An answer's events.</param>
    /// <param name="everyTokens">Tokens a delta gathers at least, unless its sample ends; 1 or more.</param>
    /// <param name="withoutText">Whether a delta is worth sending for its tokens alone.</param>
    /// <param name="cancellationToken">The caller left.</param>
    public static async IAsyncEnumerable<GenerationEvent> MergeAsync(
        this IAsyncEnumerable<GenerationEvent> events, int everyTokens, bool withoutText,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pending = new SortedDictionary<int, Gathering>();
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var source = new SourceEvents(events.GetAsyncEnumerator(leaving.Token), leaving);
        while (true)
        {
            var next = source.MoveNextAsync();
            if (!next.IsCompleted)
            {
                foreach (var ready in pending.Values.Where(gathering => gathering.Tokens >= everyTokens && (withoutText || gathering.HasText)).ToArray())
                {
                    pending.Remove(ready.Sample);
                    yield return ready.ToDelta();
                }
            }

            if (!await next)
            {
                break;
            }

            if (source.Current is GenerationEvent.Delta delta)
            {
                if (pending.TryGetValue(delta.Sample, out var gathering) && gathering.Version != delta.Version)
                {
                    pending.Remove(delta.Sample);
                    yield return gathering.ToDelta();
                }

                if (!pending.TryGetValue(delta.Sample, out gathering))
                {
                    pending.Add(delta.Sample, gathering = new Gathering(delta));
                }

                gathering.Add(delta);
                continue;
            }

            if (source.Current is GenerationEvent.Finished finished && pending.Remove(finished.Sample, out var last) && (withoutText || last.HasText))
            {
                yield return last.ToDelta();
            }

            yield return source.Current;
        }

        foreach (var rest in pending.Values)
        {
            yield return rest.ToDelta();
        }
    }

    /// <summary>
    /// An answer's events, whose next one may be under way when the caller leaves: an iterator cannot be disposed then, so that one
    /// is cancelled and waited for first.
    /// </summary>
    private sealed class SourceEvents(IAsyncEnumerator<GenerationEvent> events, CancellationTokenSource leaving) : IAsyncDisposable
    {
        private Task<bool> next = Task.FromResult(true);

        public GenerationEvent Current => events.Current;

        public Task<bool> MoveNextAsync() => next = events.MoveNextAsync().AsTask();

        public async ValueTask DisposeAsync()
        {
            if (!next.IsCompleted)
            {
                await leaving.CancelAsync();
                await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            await events.DisposeAsync();
        }
    }

    private sealed class Gathering(GenerationEvent.Delta first)
    {
        private readonly StringBuilder text = new();
        private readonly List<int> tokens = [];
        private readonly List<TokenLogprob> logprobs = [];

        public int Sample => first.Sample;

        public long Version => first.Version;

        public int Tokens => tokens.Count;

        public bool HasText => text.Length > 0;

        public void Add(GenerationEvent.Delta delta)
        {
            text.Append(delta.Text);
            tokens.AddRange(delta.Tokens);
            logprobs.AddRange(delta.Logprobs);
        }

        public GenerationEvent.Delta ToDelta() => first with { Text = text.ToString(), Tokens = [.. tokens], Logprobs = [.. logprobs] };
    }
}
