using System.Collections.Immutable;
using System.Globalization;
using Orca.Streams.Screening;
using Orca.Streams.Storage;

namespace Orca.Cli.Daemon;

/// <summary>
/// What each screen is worth by the control arm: how often those that it would have rejected are right, and how often the rest.
/// </summary>
internal static class ControlReport
{
    private const string Gold = "gold-answer";

    /// <summary>A sentence for each screen that would have rejected any; none where there is no control arm.</summary>
    public static IEnumerable<string> Lines(string store)
    {
        using var traces = StoredTraces.Open(store);
        var arm = traces.ControlArm().ToList();
        if (arm.Count == 0)
        {
            yield break;
        }

        yield return $"control arm: {arm.Count} answers passed whatever the screens found";
        var screens = arm.SelectMany(verdicts => verdicts).Select(verdict => verdict.Screen).Distinct().Where(name => name != Gold);
        foreach (var screen in screens)
        {
            var rejected = arm.Where(verdicts => verdicts.Any(verdict => verdict.Screen == screen && !verdict.Passed)).ToList();
            if (rejected.Count > 0)
            {
                yield return $"  {screen} would have rejected {rejected.Count}: {RightOf(rejected)}; of the others "
                    + RightOf([.. arm.Except(rejected)]);
            }
        }

        yield return $"  {Gold}: {RightOf(arm)}";
    }

    // Of those that have a gold answer to be right by.
    private static string RightOf(List<ImmutableArray<ScreenVerdict>> verdicts)
    {
        var judged = verdicts.Select(found => found.FirstOrDefault(verdict => verdict.Screen == Gold)?.Value)
            .Where(value => value is 0 or 1).ToList();
        return judged.Count == 0
            ? "none has a right answer to compare with"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{100.0 * judged.Count(value => value == 0) / judged.Count:0.#} % of {judged.Count} right by the source's answer");
    }
}
