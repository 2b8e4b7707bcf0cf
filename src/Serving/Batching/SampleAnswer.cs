using System.Collections.Immutable;
using Orca.Serving.Checkpoints;
using Orca.Serving.Requests;
using Orca.Serving.Sampling;
using Orca.Serving.Sampling.Json;
using Orca.Serving.Text;

namespace Orca.Serving.Batching;

/// <summary>
/// One answer as it grows: its text, which version made which token, and when it ends. Tells the caller. Belongs to the
/// engine's thread.
/// </summary>
/// <param name="sequence">The request.</param>
/// <param name="sample">Which of its samples.</param>
/// <param name="language">The language it is in.</param>
/// <param name="limit">Tokens it may have.</param>
internal sealed class SampleAnswer(Sequence sequence, int sample, StudentLanguage language, int limit)
{
    private readonly AnswerText text = new(sequence.Request.Prompt.StartAnswer(language, sequence.Prompt), sequence.Request.Stopping);
    private readonly TokenSampler sampler = new(sequence.Request, sequence.Seed, sample, language, sequence.Edits, limit);
    private readonly List<VersionSpan> spans = [];

    /// <summary>Tokens so far.</summary>
    public int Count { get; private set; }

    /// <summary>Which version made which tokens.</summary>
    public ImmutableArray<VersionSpan> Spans => [.. spans];

    /// <summary>Why it ended; null until then.</summary>
    public EndReason? Reason { get; private set; }

    /// <summary>The token that ended it.</summary>
    public int? StopToken { get; private set; }

    /// <summary>The stop string that ended it.</summary>
    public string? StopString => Reason == EndReason.StopString ? text.StopString : null;

    /// <summary>Whether a token is one by which the student ends an answer of itself.</summary>
    public bool IsEnd(int token) => language.EndTokens.Contains(token);

    /// <summary>Whether its next token can be drawn at once; where not, the worker has been asked for what that needs.</summary>
    public bool Prepare(MaskWorker worker) => sampler.Prepare(worker);

    /// <summary>Draws its next token; null where the logits are not finite.</summary>
    /// <param name="logits_V">One for each token of the vocabulary; spoilt.</param>
    public DrawnToken? Draw(Span<float> logits_V) => sampler.Draw(logits_V, Count);

    /// <summary>Takes its next token, and tells it. <see cref="Reason"/> is set where it is the last.</summary>
    /// <param name="drawn">The token.</param>
    /// <param name="version">The version that made it.</param>
    public void Accept(DrawnToken drawn, long version)
    {
        var token = drawn.Token;
        sampler.Accept(token);
        Note(version);
        var end = EndBy(token);
        var final = end is null ? text.Push(token) : "";
        sequence.Outlet.Put(sample, final, token, drawn.Logprob, version, Count++);
        if (end is not null)
        {
            StopToken = token;
        }

        Reason = end
            ?? (text.StopString is not null ? EndReason.StopString
            : sampler.IsComplete ? EndReason.EndOfText
            : Count >= limit ? EndReason.Length
            : null);
        if (Reason is not null)
        {
            Flush(version);
        }
    }

    /// <summary>Ends before its time.</summary>
    public void End(EndReason reason, long version)
    {
        Reason = reason;
        Flush(version);
    }

    private void Note(long version)
    {
        if (spans is [.., var open] && open.Version == version)
        {
            spans[^1] = open with { Count = open.Count + 1 };
        }
        else
        {
            spans.Add(new VersionSpan(version, Count, 1));
        }
    }

    private EndReason? EndBy(int token)
    {
        var stopping = sequence.Request.Stopping;
        return stopping.StopTokenIds.Contains(token) ? EndReason.StopToken
            : !stopping.IgnoreEos && language.EndTokens.Contains(token) ? EndReason.EndOfText
            : null;
    }

    private void Flush(long version)
    {
        var rest = text.Flush();
        if (rest.Length > 0)
        {
            sequence.Outlet.Put(sample, rest, null, null, version, Count);
        }
    }
}
