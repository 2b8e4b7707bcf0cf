using System.Collections.Immutable;
using Orca.Evaluation.Protocols;

namespace Orca.Evaluation.Recordings;

/// <summary>A file of stored outputs, whoever wrote it.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Answers">The outputs in its order.</param>
public sealed record RecordedFile(string Path, ImmutableArray<RecordedAnswer> Answers)
{
    /// <summary>The accuracy that its authors recorded, in percent; null for none.</summary>
    public double? RecordedAccuracy { get; init; }

    /// <summary>Whether its last line was cut, as a kill leaves it, and counts for nothing.</summary>
    public bool IsCut { get; init; }

    /// <summary>The rule that its authors marked it by; null where it is not known.</summary>
    public IAnswerRule? AuthorsRule { get; init; }
}
