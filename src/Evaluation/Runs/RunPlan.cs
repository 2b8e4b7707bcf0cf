using Orca.Evaluation.Protocols;

namespace Orca.Evaluation.Runs;

/// <summary>What a run asks, and how: the same for all its answers, whenever they are given.</summary>
public sealed record RunPlan
{
    /// <summary>The benchmark as it was named, path left out.</summary>
    public required string Suite { get; init; }

    /// <summary>Hash of its questions.</summary>
    public required string SuiteHash { get; init; }

    /// <summary>Questions asked.</summary>
    public required int Items { get; init; }

    /// <summary>The protocol.</summary>
    public required string Protocol { get; init; }

    /// <summary>What was chosen about it.</summary>
    public required ProtocolOptions Options { get; init; }

    /// <summary>Samples of each question.</summary>
    public int Repeats { get; init; } = 1;

    /// <summary>Who is asked.</summary>
    public required string Subject { get; init; }

    /// <summary>What differs from another plan, by name; empty where none does.</summary>
    public IEnumerable<string> DifferencesTo(RunPlan other)
    {
        var both = new (string Name, object Mine, object Theirs)[]
        {
            ("suite", Suite, other.Suite), ("questions", SuiteHash, other.SuiteHash), ("protocol", Protocol, other.Protocol),
            ("options", Options, other.Options), ("repeats", Repeats, other.Repeats), ("subject", Subject, other.Subject),
        };
        return both.Where(pair => !pair.Mine.Equals(pair.Theirs)).Select(pair => $"{pair.Name} ({pair.Mine}, not {pair.Theirs})");
    }
}
