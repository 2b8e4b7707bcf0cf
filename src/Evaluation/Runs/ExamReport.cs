using System.Collections.Immutable;

namespace Orca.Evaluation.Runs;

/// <summary>How an examination went.</summary>
public sealed record ExamReport
{
    /// <summary>What was examined, for people: <c>before</c>, <c>after</c>, a folder.</summary>
    public required string Title { get; init; }

    /// <summary>Who answered.</summary>
    public required string Generator { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset Began { get; init; }

    /// <summary>How long it took.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Every family, by name.</summary>
    public required ImmutableArray<FamilyResult> Families { get; init; }

    /// <summary>Answers that each version of the student gave.</summary>
    public required ImmutableSortedDictionary<string, int> AnswersByVersion { get; init; }

    /// <summary>Questions asked.</summary>
    public int Asked => Families.Sum(family => family.Asked);

    /// <summary>Share of all questions answered rightly, 0 to 1.</summary>
    public double Accuracy => Share(Families.Sum(family => family.Right));

    /// <summary>Share of all answers without an answer of the expected form, 0 to 1.</summary>
    public double ParseFailureRate => Share(Families.Sum(family => family.Unparsed));

    /// <summary>Mean over the families of how far from guessing (0) to perfect (1) each got.</summary>
    public double ChanceCorrectedMean => Families.IsEmpty ? 0 : Families.Average(family => family.ChanceCorrected);

    private double Share(int count) => Asked == 0 ? 0 : (double)count / Asked;
}
