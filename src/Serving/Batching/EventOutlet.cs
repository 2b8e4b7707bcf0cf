using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Text;
using System.Threading.Channels;
using Orca.Serving.Requests;

namespace Orca.Serving.Batching;

/// <summary>
/// Where the engine leaves a request's events for its caller. Leaving one never waits. While the caller keeps up it gets a
/// delta for each token; once it is behind, the newest deltas become one, so a caller that has stalled holds no more than
/// its answer's text and tokens, which the token limit bounds, and its request runs on and frees its blocks as any other.
/// </summary>
internal sealed class EventOutlet
{
    // Deltas of their own that may lie here; from then on a sample's next tokens join its last.
    private const int MostSeparate = 16;

    private readonly Lock gate = new();
    private readonly Channel<bool> news = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true, SingleWriter = false });

    private readonly DeltaDraft?[] last;
    private List<Entry> entries = [];
    private bool isComplete;
    private Exception? error;

    /// <param name="samples">Samples of the request.</param>
    public EventOutlet(int samples) => last = new DeltaDraft?[samples];

    /// <summary>Leaves an event.</summary>
    public void Put(GenerationEvent happened)
    {
        lock (gate)
        {
            entries.Add(new Entry(happened, null));
        }

        news.Writer.TryWrite(true);
    }

    /// <summary>Leaves more of an answer.</summary>
    /// <param name="sample">Which of the samples.</param>
    /// <param name="text">Text that is final.</param>
    /// <param name="token">The token that was made; null where only text became final.</param>
    /// <param name="logprob">How likely it was, where that was asked for.</param>
    /// <param name="version">The version that made it.</param>
    /// <param name="index">Its place in the answer.</param>
    public void Put(int sample, string text, int? token, TokenLogprob? logprob, long version, int index)
    {
        lock (gate)
        {
            if (entries.Count < MostSeparate || last[sample] is not { } draft || draft.Version != version)
            {
                draft = last[sample] = new DeltaDraft(sample, version, index);
                entries.Add(new Entry(null, draft));
            }

            draft.Add(text, token, logprob);
        }

        news.Writer.TryWrite(true);
    }

    /// <summary>No further event comes.</summary>
    /// <param name="failure">What the caller gets after the last event; null: nothing.</param>
    public void Complete(Exception? failure)
    {
        lock (gate)
        {
            if (!isComplete)
            {
                (isComplete, error) = (true, failure);
            }
        }

        news.Writer.TryWrite(true);
    }

    /// <summary>Every event, in order; throws at the end where the request failed. For one reader.</summary>
    public async IAsyncEnumerable<GenerationEvent> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (taken, isLast) = Take();
            foreach (var entry in taken)
            {
                yield return entry.Event ?? entry.Draft!.ToDelta();
            }

            if (isLast)
            {
                break;
            }

            if (taken.Count == 0)
            {
                await news.Reader.ReadAsync(cancellationToken);
            }
        }

        if (error is not null)
        {
            ExceptionDispatchInfo.Throw(error);
        }
    }

    private (List<Entry> Entries, bool IsLast) Take()
    {
        lock (gate)
        {
            if (entries.Count == 0)
            {
                return ([], isComplete);
            }

            var taken = entries;
            entries = [];
            Array.Clear(last);
            return (taken, isComplete);
        }
    }

    private readonly record struct Entry(GenerationEvent? Event, DeltaDraft? Draft);

    private sealed class DeltaDraft(int sample, long version, int first)
    {
        private readonly List<int> tokens = [];
        private List<TokenLogprob>? logprobs;
        private StringBuilder? more;
        private string text = "";

        public long Version { get; } = version;

        public void Add(string piece, int? token, TokenLogprob? logprob)
        {
            if (piece.Length > 0)
            {
                if (text.Length == 0 && more is null)
                {
                    text = piece;
                }
                else
                {
                    (more ??= new StringBuilder(text)).Append(piece);
                }
            }

            if (token is { } id)
            {
                tokens.Add(id);
            }

            if (logprob is { } likelihood)
            {
                (logprobs ??= []).Add(likelihood);
            }
        }

        public GenerationEvent.Delta ToDelta() => new(more?.ToString() ?? text, [.. tokens], Version, first)
        {
            Sample = sample,
            Logprobs = logprobs is null ? [] : [.. logprobs],
        };
    }
}
