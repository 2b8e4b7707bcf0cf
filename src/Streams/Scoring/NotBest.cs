using System.Collections.Immutable;
using System.Globalization;
using Orca.Streams.Screening;
using Orca.Streams.Teachers;

namespace Orca.Streams.Scoring;

/// <summary>Rejects an answer since another to the same question is kept.</summary>
public static class NotBest
{
    /// <summary>Name that such answers are counted under, beside those of screens.</summary>
    public const string Name = "not-best";

    /// <summary>The settings of such a rejection, which never go out of date: the other answer stays accepted.</summary>
    public const string Settings = "not-best";

    /// <summary>The rejection of an answer for one that is better by these preferences.</summary>
    /// <param name="trace">The answer.</param>
    /// <param name="best">The preferences.</param>
    /// <param name="scores">The answer's scores.</param>
    /// <param name="better">Those of the one that is kept.</param>
    public static ScreenedTrace Instead(
        Trace trace, ImmutableArray<Preference> best, ImmutableArray<TraceScore> scores, ImmutableArray<TraceScore> better)
    {
        var differences = best.Select(preference => (preference.Score, Mine: ValueOf(scores, preference), Its: ValueOf(better, preference)))
            .Where(difference => difference.Mine != difference.Its)
            .Select(difference => string.Create(
                CultureInfo.InvariantCulture, $"{difference.Score} {Text(difference.Mine)} against {Text(difference.Its)}"));
        var why = string.Join(", ", differences);
        return Rejected(trace, why.Length > 0 ? $"Another answer to the question is kept: {why}." : "An answer no worse than it is kept.");
    }

    /// <summary>The rejection of an answer to a question whose first one is accepted to measure the screens by.</summary>
    public static ScreenedTrace BesideControl(Trace trace) =>
        Rejected(trace, "The first answer to the question is kept, whichever is the best, since it is of the control arm.");

    /// <summary>The rejection of an answer to a question of which one is accepted already.</summary>
    public static ScreenedTrace Late(Trace trace) => Rejected(trace, "Another answer to the question was accepted before.");

    private static ScreenedTrace Rejected(Trace trace, string reason) =>
        new(trace, [new ScreenVerdict(Name, Passed: false, 1, reason) { Settings = Settings }]);

    private static double? ValueOf(ImmutableArray<TraceScore> scores, Preference preference) =>
        scores.FirstOrDefault(score => score.Name == preference.Score)?.Value;

    private static string Text(double? value) => value?.ToString("0.###", CultureInfo.InvariantCulture) ?? "none";
}
