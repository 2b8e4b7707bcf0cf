using System.Collections.Immutable;
using Orca.Evaluation.Statistics;

namespace Orca.Evaluation.Judges;

/// <summary>What a judge made of a candidate's answers beside a reference's, computed from its judgements alone.</summary>
public sealed record PairwiseReport
{
    /// <summary>The benchmark.</summary>
    public required string Suite { get; init; }

    /// <summary>Whose answers are judged.</summary>
    public required string Candidate { get; init; }

    /// <summary>Whose answers they are compared with.</summary>
    public required string Reference { get; init; }

    /// <summary>The model that judged.</summary>
    public required string Judge { get; init; }

    /// <summary>Reviews there are, those without marks among them.</summary>
    public required int Reviews { get; init; }

    /// <summary>Reviews that have no marks.</summary>
    public required int Unparsed { get; init; }

    /// <summary>Of these, questions that the judge's endpoint does not take.</summary>
    public required int Refused { get; init; }

    /// <summary>Questions both answered that lack a review with marks in one order or in both, and count for nothing.</summary>
    public required int LeftOut { get; init; }

    /// <summary>Price of the reviews in US dollars.</summary>
    public required decimal Cost { get; init; }

    /// <summary>Every question with marks in both orders.</summary>
    public required ImmutableArray<PairScores> Questions { get; init; }

    /// <summary>All of them together; null where there is none.</summary>
    public PairwiseScore? All { get; init; }

    /// <summary>Each task.</summary>
    public required ImmutableArray<PairwiseScore> Tasks { get; init; }

    /// <summary>How much the order mattered; null where no question has marks in both.</summary>
    public PositionBias? Position { get; init; }

    /// <summary>The win rate at equal lengths; null likewise.</summary>
    public LengthControl? Length { get; init; }

    /// <summary>The report of judgements by one judge about one pair of students.</summary>
    public static PairwiseReport Of(
        string suite, string candidate, string reference, string judge, ImmutableArray<Judgement> judgements)
    {
        var questions = PairScores.Of(judgements);
        return new PairwiseReport
        {
            Suite = suite,
            Candidate = candidate,
            Reference = reference,
            Judge = judge,
            Reviews = judgements.Length,
            Unparsed = judgements.Count(judgement => !judgement.IsParsed),
            Refused = judgements.Count(judgement => judgement.Refusal is not null),
            LeftOut = judgements.DistinctBy(judgement => (judgement.Task, judgement.Row)).Count() - questions.Length,
            Cost = judgements.Sum(judgement => judgement.Cost),
            Questions = questions,
            All = questions.IsEmpty ? null : PairwiseScore.Of("all", questions),
            Tasks =
            [
                .. questions.GroupBy(question => question.Task)
                    .Select(task => PairwiseScore.Of(task.Key, [.. task])).OrderBy(task => task.Task, StringComparer.Ordinal),
            ],
            Position = questions.IsEmpty ? null : PositionBias.Of(questions),
            Length = questions.IsEmpty ? null : LengthControl.Of(questions),
        };
    }
}
