using System.Collections.Immutable;

namespace Orca.Streams.Scoring;

/// <summary>Which of several answers to a question is better: the one with the larger score, or with the smaller.</summary>
/// <param name="Score">Name of the score.</param>
/// <param name="IsSmallest">Whether the smaller is better.</param>
public sealed record Preference(string Score, bool IsSmallest)
{
    /// <summary>Reads one as settings write it: a score's name, behind a minus where the smaller is better.</summary>
    public static Preference Of(string text) => text.StartsWith('-') ? new(text[1..], true) : new(text, false);

    /// <summary>
    /// The answers from the best to the worst: by the first preference, where that makes no difference by the next, at last as they
    /// stand. An answer without a score comes behind those that have it.
    /// </summary>
    /// <param name="preferences">The preferences, the most important first.</param>
    /// <param name="scores">Each answer's scores.</param>
    /// <returns>Indexes into <paramref name="scores"/>.</returns>
    public static ImmutableArray<int> Order(
        ImmutableArray<Preference> preferences, IReadOnlyList<ImmutableArray<TraceScore>> scores)
    {
        var order = Enumerable.Range(0, scores.Count).OrderBy(_ => 0);
        foreach (var preference in preferences)
        {
            order = order.ThenByDescending(answer => preference.WorthOf(scores[answer]));
        }

        return [.. order];
    }

    /// <inheritdoc/>
    public override string ToString() => IsSmallest ? $"-{Score}" : Score;

    /// <summary>The larger, the better; negative infinity for none.</summary>
    private double WorthOf(ImmutableArray<TraceScore> scores)
    {
        foreach (var score in scores)
        {
            if (score.Name == Score)
            {
                return IsSmallest ? -score.Value : score.Value;
            }
        }

        return double.NegativeInfinity;
    }
}
