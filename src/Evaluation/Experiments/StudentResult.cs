using System.Collections.Immutable;

namespace Orca.Evaluation.Experiments;

/// <summary>One student of an experiment: what it cost and what it reached.</summary>
/// <param name="Arm">Its arm.</param>
/// <param name="Seed">Seed of its weights, its questions and its examination.</param>
/// <param name="Effort">What it cost.</param>
/// <param name="Scores">What it reached.</param>
public sealed record StudentResult(string Arm, int Seed, StudentEffort Effort, ImmutableArray<StudentScore> Scores)
{
    /// <summary>Its chance-corrected mean on such questions under a protocol; null where that was not measured.</summary>
    public double? ChanceCorrected(string questions, string protocol) =>
        Scores.FirstOrDefault(score => score.Questions == questions && score.Protocol == protocol)?.ChanceCorrected;
}

/// <summary>What a student cost.</summary>
/// <param name="Steps">Training steps.</param>
/// <param name="Tokens">Tokens it was trained on, questions included.</param>
/// <param name="TeacherTokens">Those of them that a teacher wrote: what the loss is taken over.</param>
/// <param name="Lessons">Lessons it was trained on, each as often as it was taught.</param>
/// <param name="Questions">Questions that a teacher was asked.</param>
/// <param name="Accepted">Answers of which lessons were made.</param>
/// <param name="Loss">Mean loss of the last tenth of the steps, nats a token.</param>
public sealed record StudentEffort(
    int Steps, long Tokens, long TeacherTokens, long Lessons, long Questions, long Accepted, double Loss);
