using Orca.Evaluation.Suites;

namespace Orca.Evaluation.Protocols;

/// <summary>What may be chosen about a protocol; part of every report.</summary>
public sealed record ProtocolOptions
{
    /// <summary>The system message; null for the question's own, and none where it has none, as in the Orca paper.</summary>
    public string? SystemMessage { get; init; }

    /// <summary>Length at which answers are cut, in tokens; 1 or more.</summary>
    public int MaxTokens { get; init; } = 512;

    /// <summary>Sampling temperature; null for the protocol's own.</summary>
    public double? Temperature { get; init; }

    /// <summary>Base of every sample's seed.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Whether the authors' explained examples stand before each question, where a task has any.</summary>
    public bool HasExamples { get; init; }

    /// <summary>Whether the student is asked to think step by step.</summary>
    public bool IsChainOfThought { get; init; }

    /// <summary>The system message that a question is asked with.</summary>
    internal string SystemOf(EvaluationItem item) => SystemMessage ?? item.SystemMessage ?? "";

    /// <summary>The seed of one sample of one question.</summary>
    internal ulong SeedOf(EvaluationItem item, int repeat) => Streams.SeededRandom.Of(Seed, item.Row, repeat, item.Task.Length).NextBits();
}
