using Orca.Streams.Answers;

namespace Orca.Streams.Scoring;

/// <summary>A judge's verdict on an answer as a score: 1 for a right one, 0 for a wrong one, 0.5 for undecided.</summary>
public static class JudgeScore
{
    /// <summary>Name that it is kept under.</summary>
    public const string Name = "judge";

    private const double Undecided = 0.5;

    /// <summary>The score of a verdict.</summary>
    public static TraceScore Of(AnswerVerdict verdict) => new(Name, verdict switch
    {
        AnswerVerdict.Right => 1,
        AnswerVerdict.Wrong => 0,
        _ => Undecided,
    });

    /// <summary>The verdict of a score.</summary>
    public static AnswerVerdict VerdictOf(double score) => score switch
    {
        1 => AnswerVerdict.Right,
        0 => AnswerVerdict.Wrong,
        _ => AnswerVerdict.Undecided,
    };
}
