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
        this IAsyncEnumerable<GenerationEvent> events, int everyTokens, bool withoutText, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pending = new SortedDictionary<int, Gathering>();
        await using var source = events.GetAsyncEnumerator(leave.Token);
        Task<bool>? next = null;
        try
        {
            while (true)
            {
                next = source.MoveNextAsync().AsTask();
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
                    yield break;
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
        }
        finally
        {
            // Whoever reads may leave while the next event is awaited: the source must not be disposed of before that has ended.
            if (next is { IsCompleted: false })
            {
                await leave.CancelAsync();
                await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
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
