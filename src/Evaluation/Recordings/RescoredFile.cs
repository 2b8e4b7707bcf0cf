using System.Collections.Immutable;
using Orca.Evaluation.Protocols;

namespace Orca.Evaluation.Recordings;

/// <summary>A stored output, judged again.</summary>
/// <param name="Recorded">The output.</param>
/// <param name="Reading">By the rule in force.</param>
/// <param name="Robust">By the robust rule.</param>
public sealed record RescoredAnswer(RecordedAnswer Recorded, Reading Reading, Reading Robust)
{
    /// <summary>Whether the verdict is another one than was recorded, or, where none was, than the robust rule's.</summary>
    public bool IsChanged => Reading.IsRight != (Recorded.Mark ?? Robust.IsRight);
}

/// <summary>A file of stored outputs, judged again.</summary>
/// <param name="Path">The file.</param>
/// <param name="Rule">The rule in force.</param>
/// <param name="Answers">Every output.</param>
/// <param name="RecordedAccuracy">What was recorded, in percent; null for nothing.</param>
public sealed record RescoredFile(string Path, string Rule, ImmutableArray<RescoredAnswer> Answers, double? RecordedAccuracy)
{
    /// <summary>As <see cref="RecordedFile.IsCut"/>.</summary>
    public bool IsCut { get; init; }

    /// <summary>Right by the rule in force.</summary>
    public int Right => Answers.Count(answer => answer.Reading.IsRight);

    /// <summary>Without an answer by the rule in force; they count as wrong.</summary>
    public int Unparsed => Answers.Count(answer => answer.Reading.Answer is null);

    /// <summary>In percent.</summary>
    public double Accuracy => Percent(Right);

    /// <summary>By the robust rule, in percent.</summary>
    public double RobustAccuracy => Percent(Answers.Count(answer => answer.Robust.IsRight));

    /// <summary>Without an answer by the robust rule.</summary>
    public int RobustUnparsed => Answers.Count(answer => answer.Robust.Answer is null);

    /// <summary>Share of the outputs marked when they were recorded whose mark is the same now, in percent; null where none were.</summary>
    public double? Agreement => Answers.Count(answer => answer.Recorded.Mark is not null) is > 0 and var marked
        ? (double)Answers.Count(answer => answer.Recorded.Mark == answer.Reading.IsRight) / marked * 100
        : null;

    // The order of the operations is the authors': the same double to the last bit.
    private double Percent(int count) => Answers.IsEmpty ? 0 : (double)count / Answers.Length * 100;
}
