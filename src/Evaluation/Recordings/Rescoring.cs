using System.Collections.Immutable;
using Orca.Evaluation.Protocols;

namespace Orca.Evaluation.Recordings;

/// <summary>Judges stored outputs again, without a model.</summary>
public static class Rescoring
{
    private static readonly RobustProtocol Robust = new();

    /// <summary>
    /// Judges a file by its authors' rule where a recorded accuracy lies beside it, so that the two can be compared, else by the rule
    /// given; by the robust one besides.
    /// </summary>
    public static RescoredFile Judge(RecordedFile file, IAnswerRule otherwise)
    {
        var rule = file.RecordedAccuracy is not null && file.AuthorsRule is { } authors ? authors : otherwise;
        var answers = file.Answers.Select(answer => new RescoredAnswer(
            answer, rule.Read(answer.Response, answer.Expected), Robust.Read(answer.Response, answer.Expected))).ToImmutableArray();
        return new RescoredFile(file.Path, rule.Name, answers, file.RecordedAccuracy) { IsCut = file.IsCut };
    }
}
