using System.Collections.Immutable;
using Orca.Cli.Teacher.Faults;

namespace Orca.Cli.Teacher;

/// <summary>What a simulated endpoint is like, as its file describes it.</summary>
internal sealed record TeacherDescription
{
    /// <summary>Decides every draw: which calls meet a fault, and how long each takes.</summary>
    public long Seed { get; init; }

    /// <summary>How many times faster than the clock its minutes pass: quotas, latencies, pauses and windows of faults alike.</summary>
    public double TimeScale { get; init; } = 1;

    /// <summary>Built-in questions looked through beyond the furthest one that was asked, before one counts as unknown.</summary>
    public int QuestionsAhead { get; init; } = 100_000;

    /// <summary>The models it serves.</summary>
    public ImmutableArray<TeacherModel> Models { get; init; } =
        [new TeacherModel { Name = "solver-assistant", Strength = "assistant" }, new TeacherModel { Name = "solver-expert" }];

    /// <summary>Who may call; empty for everybody, without a key.</summary>
    public ImmutableArray<TeacherKey> Keys { get; init; } = [];

    /// <summary>What goes wrong, the first that applies to a call.</summary>
    public ImmutableArray<FaultRule> Faults { get; init; } = [];

    /// <summary>Time from a batch's creation to its end.</summary>
    public double BatchSeconds { get; init; }
}

/// <summary>A model that a simulated endpoint serves: the built-in solver, at this pace and price.</summary>
internal sealed record TeacherModel
{
    /// <summary>What requests call it.</summary>
    public required string Name { get; init; }

    /// <summary><c>expert</c> explains; <c>assistant</c> gives the answer alone.</summary>
    public string Strength { get; init; } = "expert";

    /// <summary>Share of the assistant's answers that are wrong, 0 to 1.</summary>
    public double ErrorRate { get; init; }

    /// <summary>Requests a minute that a key has; null for any number.</summary>
    public double? RequestsPerMinute { get; init; }

    /// <summary>Tokens of prompts and answers a minute that a key has; null for any number.</summary>
    public double? TokensPerMinute { get; init; }

    /// <summary>Calls answered at once; further ones wait without a word. Null for any number.</summary>
    public int? Concurrency { get; init; }

    /// <summary>Middle of the time to an answer's first token, in milliseconds.</summary>
    public double LatencyMs { get; init; }

    /// <summary>Spread of that time: the standard deviation of its logarithm; 0 for always the same.</summary>
    public double LatencySigma { get; init; }

    /// <summary>Time for each token of the answer, in milliseconds.</summary>
    public double TokenMs { get; init; }

    /// <summary>US dollars for a million tokens of prompt.</summary>
    public decimal PriceIn { get; init; }

    /// <summary>US dollars for a million tokens of answer.</summary>
    public decimal PriceOut { get; init; }

    /// <summary>What a call in a batch costs, as a share of a call by itself.</summary>
    public decimal BatchPriceShare { get; init; } = 0.5m;

    /// <summary>The price of a call in US dollars.</summary>
    public decimal PriceOf(int promptTokens, int completionTokens) =>
        ((promptTokens * PriceIn) + (completionTokens * PriceOut)) / 1_000_000;
}

/// <summary>A key of a simulated endpoint.</summary>
internal sealed record TeacherKey
{
    /// <summary>What the books call its owner.</summary>
    public required string Name { get; init; }

    /// <summary>What a caller shows.</summary>
    public required string Key { get; init; }

    /// <summary>Models it opens; empty for all.</summary>
    public ImmutableArray<string> Models { get; init; } = [];

    /// <summary>US dollars it may spend; null for any amount. Then calls are refused as <c>insufficient_quota</c>.</summary>
    public decimal? Credit { get; init; }
}
