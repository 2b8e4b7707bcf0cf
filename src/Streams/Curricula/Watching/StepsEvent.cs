using System.Collections.Immutable;

namespace Orca.Streams.Curricula.Watching;

/// <summary>Training steps that were made one after the other, as one; sums, so that several become one.</summary>
public sealed record StepsEvent : RunEvent
{
    /// <summary>Number of the first.</summary>
    public required long FirstStep { get; init; }

    /// <summary>Number of the last.</summary>
    public required long LastStep { get; init; }

    /// <summary>How many changed the weights.</summary>
    public int Made { get; init; } = 1;

    /// <summary>Of how many there was no use, since loss or gradient was infinite or not a number.</summary>
    public int Skipped { get; init; }

    /// <summary>The loss of those that were made.</summary>
    public TokenLoss Loss { get; init; }

    /// <summary>The same by collection.</summary>
    public ImmutableSortedDictionary<string, TokenLoss> LossByCollection { get; init; } = TokenLoss.OfNone;

    /// <summary>Sum of the norms of their gradients before clipping.</summary>
    public double GradientNorms { get; init; }

    /// <summary>Lessons learned from.</summary>
    public long Lessons { get; init; }

    /// <summary>Tokens seen, padding not counted.</summary>
    public long Tokens { get; init; }

    /// <summary>Time they took, waiting not counted.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>Time the trainer waited for lessons before them.</summary>
    public TimeSpan Waited { get; init; }

    /// <summary>Operations they needed.</summary>
    public double Flops { get; init; }

    /// <summary>Operations a second that the fastest product reaches; null where nobody has measured it.</summary>
    public double? Limit { get; init; }

    /// <summary>Learning rate of the last.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Tokens a second, waiting included.</summary>
    public double TokensPerSecond => (Elapsed + Waited).TotalSeconds is > 0 and var seconds ? Tokens / seconds : 0;

    /// <summary>Operations a second over those of the fastest product, waiting left out; null where nobody has measured it.</summary>
    public double? ShareOfLimit => Limit is { } limit && Elapsed > TimeSpan.Zero ? Flops / Elapsed.TotalSeconds / limit : null;

    /// <summary>Share of the time that the trainer waited, 0 to 1.</summary>
    public double Waiting => (Elapsed + Waited) is { Ticks: > 0 } time ? Waited / time : 0;

    /// <summary>These and the ones right after them, as one.</summary>
    public StepsEvent With(StepsEvent later) => new()
    {
        FirstStep = FirstStep,
        LastStep = later.LastStep,
        Made = Made + later.Made,
        Skipped = Skipped + later.Skipped,
        Loss = Loss.With(later.Loss),
        LossByCollection = LossByCollection.SetItems(later.LossByCollection.Select(
            pair => KeyValuePair.Create(pair.Key, LossByCollection.GetValueOrDefault(pair.Key).With(pair.Value)))),
        GradientNorms = GradientNorms + later.GradientNorms,
        Lessons = Lessons + later.Lessons,
        Tokens = Tokens + later.Tokens,
        Elapsed = Elapsed + later.Elapsed,
        Waited = Waited + later.Waited,
        Flops = Flops + later.Flops,
        Limit = later.Limit ?? Limit,
        LearningRate = later.LearningRate,
    };
}

/// <summary>Cross-entropy of tokens.</summary>
/// <param name="Sum">Its sum, in nats.</param>
/// <param name="Tokens">Of how many tokens.</param>
public readonly record struct TokenLoss(double Sum, long Tokens)
{
    /// <summary>Of no collection.</summary>
    public static ImmutableSortedDictionary<string, TokenLoss> OfNone { get; } =
        ImmutableSortedDictionary.Create<string, TokenLoss>(StringComparer.Ordinal);

    /// <summary>The mean; null of no tokens.</summary>
    public double? Mean => Tokens > 0 ? Sum / Tokens : null;

    /// <summary>Both together.</summary>
    public TokenLoss With(TokenLoss other) => new(Sum + other.Sum, Tokens + other.Tokens);
}
