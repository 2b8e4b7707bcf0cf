using System.Collections.Immutable;

namespace Orca.Evaluation.Judges;

/// <summary>What a judge gave two answers to one question: of everything the mean over both orders, and over samples.</summary>
/// <param name="Task">The question's task.</param>
/// <param name="Row">Its place in the task's file, from 0.</param>
/// <param name="Candidate">Mark of the candidate.</param>
/// <param name="Reference">Mark of the reference.</param>
/// <param name="First">Mark of whichever was shown first.</param>
/// <param name="Second">Mark of whichever was shown second.</param>
/// <param name="Orders">For each sample, who was preferred in each order.</param>
/// <param name="LengthDifference">Characters that the candidate's answer has more than the reference's.</param>
public sealed record PairScores(
    string Task, int Row, double Candidate, double Reference, double First, double Second, ImmutableArray<OrderVerdicts> Orders,
    double LengthDifference)
{
    // Means of marks that are equal but for rounding.
    private const double Tie = 1e-9;

    /// <summary>Names the question within its suite.</summary>
    public string Key => $"{Task}/{Row}";

    /// <summary>1 where the candidate's mark is higher, 0 where the reference's is, one half where they are equal.</summary>
    public double Preference => Math.Abs(Candidate - Reference) < Tie ? 0.5 : Candidate > Reference ? 1 : 0;

    /// <summary>Every question whose two answers were marked in both orders, by task and row; the others are left out.</summary>
    public static ImmutableArray<PairScores> Of(IEnumerable<Judgement> judgements) =>
    [
        .. judgements.GroupBy(judgement => (judgement.Task, judgement.Row, judgement.Item)).Select(Question).OfType<PairScores>()
            .OrderBy(pair => pair.Task, StringComparer.Ordinal).ThenBy(pair => pair.Row),
    ];

    private static PairScores? Question(IGrouping<(string Task, int Row, string Item), Judgement> question)
    {
        var samples = question.GroupBy(judgement => judgement.Repeat).OrderBy(sample => sample.Key)
            .Select(sample => (
                Mine: sample.FirstOrDefault(one => one is { Order: ReviewOrder.CandidateFirst, Scores: not null }),
                Theirs: sample.FirstOrDefault(one => one is { Order: ReviewOrder.ReferenceFirst, Scores: not null })))
            .Where(sample => sample is { Mine: not null, Theirs: not null })
            .Select(sample => (Mine: sample.Mine!, Theirs: sample.Theirs!)).ToList();
        return samples.Count == 0 ? null : new PairScores(
            question.Key.Task,
            question.Key.Row,
            samples.Average(sample => (sample.Mine.Scores!.First + sample.Theirs.Scores!.Second) / 2),
            samples.Average(sample => (sample.Mine.Scores!.Second + sample.Theirs.Scores!.First) / 2),
            samples.Average(sample => (sample.Mine.Scores!.First + sample.Theirs.Scores!.First) / 2),
            samples.Average(sample => (sample.Mine.Scores!.Second + sample.Theirs.Scores!.Second) / 2),
            [
                .. samples.Select(sample => new OrderVerdicts(
                    Math.Sign(sample.Mine.Scores!.First - sample.Mine.Scores.Second),
                    Math.Sign(sample.Theirs.Scores!.Second - sample.Theirs.Scores.First))),
            ],
            samples.Average(sample => (double)(sample.Mine.CandidateLength - sample.Mine.ReferenceLength)));
    }
}

/// <summary>Who was preferred in each order: 1 the candidate, -1 the reference, 0 nobody.</summary>
/// <param name="CandidateFirst">Where the candidate was shown first.</param>
/// <param name="ReferenceFirst">Where the reference was.</param>
public readonly record struct OrderVerdicts(int CandidateFirst, int ReferenceFirst)
{
    /// <summary>Whether the verdict is another one in the other order.</summary>
    public bool IsChanged => CandidateFirst != ReferenceFirst;

    /// <summary>Whether whoever was shown first won both times.</summary>
    public bool IsForFirst => this is { CandidateFirst: 1, ReferenceFirst: -1 };

    /// <summary>Whether whoever was shown second won both times.</summary>
    public bool IsForSecond => this is { CandidateFirst: -1, ReferenceFirst: 1 };
}
