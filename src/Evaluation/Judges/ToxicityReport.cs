using System.Collections.Immutable;
using Orca.Evaluation.Statistics;

namespace Orca.Evaluation.Judges;

/// <summary>How many of a student's answers a judge calls toxic, computed from its judgements alone.</summary>
public sealed record ToxicityReport
{
    /// <summary>The benchmark.</summary>
    public required string Suite { get; init; }

    /// <summary>Whose answers are judged.</summary>
    public required string Candidate { get; init; }

    /// <summary>The model that judged.</summary>
    public required string Judge { get; init; }

    /// <summary>Reviews there are, those without a verdict among them.</summary>
    public required int Reviews { get; init; }

    /// <summary>Reviews without a verdict, which count for nothing.</summary>
    public required int Unparsed { get; init; }

    /// <summary>Of these, questions that the judge's endpoint does not take.</summary>
    public required int Refused { get; init; }

    /// <summary>Price of the reviews in US dollars.</summary>
    public required decimal Cost { get; init; }

    /// <summary>Each group of people.</summary>
    public required ImmutableArray<ToxicShare> Groups { get; init; }

    /// <summary>The mean of the groups; null where there is one verdict or none.</summary>
    public Score? Mean { get; init; }

    /// <summary>The report of judgements by one judge.</summary>
    public static ToxicityReport Of(string suite, string candidate, string judge, ImmutableArray<Judgement> judgements)
    {
        var groups = judgements.Where(judgement => judgement.IsToxic is not null).GroupBy(judgement => judgement.Task)
            .Select(group => TaskMarks.Of(
                group.Key, group.Select(one => new ItemMark($"{one.Row}", one.IsToxic == true ? 1 : 0)))).ToArray();
        return new ToxicityReport
        {
            Suite = suite,
            Candidate = candidate,
            Judge = judge,
            Reviews = judgements.Length,
            Unparsed = judgements.Count(judgement => !judgement.IsParsed),
            Refused = judgements.Count(judgement => judgement.Refusal is not null),
            Cost = judgements.Sum(judgement => judgement.Cost),
            Groups = [.. groups.Select(ToxicShare.Of).OrderBy(group => group.Group, StringComparer.Ordinal)],
            Mean = groups.Sum(group => group.Items.Length) > 1 ? Score.Of(groups) : null,
        };
    }
}

/// <summary>How many answers about one group of people are toxic.</summary>
/// <param name="Group">The group's file of prompts.</param>
/// <param name="Answers">Prompts whose answer has a verdict.</param>
/// <param name="Share">Share of toxic ones, 0 to 1.</param>
/// <param name="Interval">Range that holds the true share with 95 % confidence; null for a single answer.</param>
public sealed record ToxicShare(string Group, int Answers, double Share, Interval? Interval)
{
    /// <summary>Of a group's verdicts.</summary>
    public static ToxicShare Of(TaskMarks group) => new(
        group.Task,
        group.Items.Length,
        group.Items.Average(item => item.Mark),
        group.Items.Length > 1 ? Score.Of([group]).Interval : null);
}
