namespace Orca.Cli.Bench;

/// <summary>Tokens that arrived together.</summary>
/// <param name="At">When, in seconds since the run began.</param>
/// <param name="Tokens">How many, at least 1.</param>
internal readonly record struct Delivery(double At, int Tokens);

/// <summary>What became of one request, as its caller saw it. Times are seconds since the run began.</summary>
internal sealed record RequestTrace
{
    /// <summary>When it was meant to be sent: latencies count from here, so that a late sender hides nothing.</summary>
    public required double Intended { get; init; }

    /// <summary>When it was sent.</summary>
    public required double Sent { get; init; }

    /// <summary>When it was over.</summary>
    public required double Ended { get; init; }

    /// <summary>Tokens of its prompt.</summary>
    public required int PromptTokens { get; init; }

    /// <summary>Its answer's tokens as they came.</summary>
    public required IReadOnlyList<Delivery> Deliveries { get; init; }

    /// <summary>The status it failed with; null where it did not.</summary>
    public string? Fault { get; init; }

    /// <summary>Versions of the student that made its tokens.</summary>
    public required IReadOnlyCollection<ulong> Versions { get; init; }

    /// <summary>Seed of its prompt and draws.</summary>
    public int Seed { get; init; }

    /// <summary>Its answer.</summary>
    public IReadOnlyList<uint> Answer { get; init; } = [];

    /// <summary>Tokens of its answer.</summary>
    public int Tokens => Deliveries.Sum(delivery => delivery.Tokens);

    /// <summary>Seconds from the intended sending to the first token; NaN without one.</summary>
    public double TimeToFirstToken => Deliveries is [var first, ..] ? first.At - Intended : double.NaN;

    /// <summary>Mean seconds a token after the first delivery; NaN where there was but one.</summary>
    public double TimePerToken => Deliveries is [var first, .., var last]
        ? (last.At - first.At) / (Tokens - first.Tokens)
        : double.NaN;

    /// <summary>Seconds between deliveries that followed each other.</summary>
    public IEnumerable<double> Gaps => Deliveries.Zip(Deliveries.Skip(1), (before, after) => after.At - before.At);
}
