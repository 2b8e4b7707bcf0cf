using System.Globalization;
using System.Text;
using Orca.Evaluation.Statistics;

namespace Orca.Evaluation.Reports;

/// <summary>Writes reports as Markdown, which is plain enough for a terminal too.</summary>
public static class MarkdownReport
{
    private const string Head =
        "| task | items | accuracy | 95 % interval | clean | attainable | chance | majority | chance-corrected | unparsed | "
            + "contaminated |\n"
            + "|---|---:|---:|---|---:|---:|---:|---:|---:|---:|---:|\n";

    /// <summary>A whole report: what was asked, the means, the alarms, every task, and the published rows beside it.</summary>
    public static string Of(EvaluationReport report)
    {
        var text = new StringBuilder();
        if (report.IsUnmarked)
        {
            return Unmarked(report);
        }

        text.Append(Title(report)).Append('\n').Append(Head);
        foreach (var task in report.Tasks)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {task.Task} | {task.Items} | {Percent(task.Accuracy)} | {Range(task.Interval)} | "
                + $"{Percent(task.CleanAccuracy)} | {Percent(task.Attainable)} | {Percent(task.Chance)} | {Percent(task.Majority)} | "
                + $"{Percent(task.ChanceCorrected)} | {task.Unparsed} | {Counted(task.Contaminated)} |\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"| mean of the tasks | {report.Items} | {Percent(report.Mean?.Value)} | "
            + $"{Range(report.Mean?.Interval)} | {Percent(report.CleanMean)} | {Percent(report.Attainable)} | {Percent(report.Chance)} | "
            + $"{Percent(report.Majority)} | {Percent(report.ChanceCorrected)} | {report.Tasks.Sum(task => task.Unparsed)} | "
            + $"{Counted(report.Contamination?.Items.Count)} |\n");
        Contaminated(report, text);
        Published(report, text);
        if (report.Tasks.Sum(task => task.Refused) is > 0 and var refused)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{refused} prompts could not be taken and count as wrong: {report.Refusal}\n");
        }

        foreach (var alarm in report.Alarms)
        {
            text.Append(CultureInfo.InvariantCulture, $"\nALARM: {alarm.Message}");
        }

        return text.Append(report.Alarms.IsEmpty ? "" : "\n").ToString();
    }

    private static string Unmarked(EvaluationReport report)
    {
        var text = new StringBuilder(Asked(report));
        text.Append("These questions have no gold answer: nothing is right or wrong before a judge has said so (orca eval judge).\n\n")
            .Append("| task | items | answers | cut | refused |\n|---|---:|---:|---:|---:|\n");
        foreach (var task in report.Tasks)
        {
            text.Append(
                CultureInfo.InvariantCulture, $"| {task.Task} | {task.Items} | {task.Answers} | {task.Cut} | {task.Refused} |\n");
        }

        return text.ToString();
    }

    /// <summary>The means of a report in a few lines.</summary>
    private static string Title(EvaluationReport report) => Asked(report) + string.Create(
        CultureInfo.InvariantCulture,
        $"Mean of the tasks {Percent(report.Mean?.Value)} % ({Range(report.Mean?.Interval)} on these tasks, "
            + $"{Range(report.MeanOfTasksLikeThese?.Interval)} on tasks like these); of the questions "
            + $"{Percent(report.ItemMean?.Value)} %; chance-corrected {Percent(report.ChanceCorrected)} %. "
            + $"Answers without one {Percent(report.ParseFailureRate)} %.\n");

    private static string Asked(EvaluationReport report)
    {
        var (plan, versions) = (report.Plan, string.Join(", ", report.AnswersByVersion.Select(pair => $"{pair.Key} ({pair.Value})")));
        var repeats = plan.Repeats == 1 ? "" : $", {plan.Repeats} samples of each";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"# {plan.Suite} by protocol '{plan.Protocol}'\n\n{plan.Subject}, version {versions}: {report.Items} questions{repeats}, "
                + $"suite {plan.SuiteHash[..12]}, {System(plan)}, extractor {report.Certificate[..12]}.\n\n");
    }

    /// <summary>A comparison of two runs.</summary>
    public static string Of(RunComparison comparison, string first, string second)
    {
        var all = comparison.All;
        var text = new StringBuilder();
        text.Append($"# {second} against {first}\n\n| task | items | {first} | {second} | difference | 95 % interval | p | p of so many |\n"
            + "|---|---:|---:|---:|---:|---|---:|---:|\n");
        foreach (var (task, one, adjusted) in comparison.Tasks)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {task} | {one.Items} | {Percent(one.First)} | {Percent(one.Second)} | "
                + $"{Signed(one.Difference)} | {Range(one.Interval)} | {one.P:F3} | {adjusted:F3} |\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"| mean of the tasks | {all.Items} | {Percent(all.First)} | {Percent(all.Second)} | "
            + $"{Signed(all.Difference)} | {Range(all.Interval)} | {all.P:F3} | |\n");
        if (all.McNemar is { } exact)
        {
            text.Append(CultureInfo.InvariantCulture, $"\nOnly {first} is right {exact.OnlyFirst} times, only {second} {exact.OnlySecond} "
                + $"times (McNemar's exact p {exact.P:F3}).\n");
        }

        var discordance = all.McNemar is { } counted && all.Items > 0 ? (double)(counted.OnlyFirst + counted.OnlySecond) / all.Items : 0.5;
        int[] sizes = [.. comparison.Tasks.Select(task => task.Comparison.Items)];
        var detectable = Percent(sizes.Length > 0
            ? DetectableDifference.Of(sizes, discordance)
            : DetectableDifference.Of(all.Items, discordance));
        return text.Append($"A difference of {detectable} points would have been found in 80 of 100 such comparisons.\n").ToString();
    }

    private static void Contaminated(EvaluationReport report, StringBuilder text)
    {
        if (report.Contamination is { } known)
        {
            text.Append(CultureInfo.InvariantCulture, $"\nOf {known.Count} lessons ({known.Lessons}) some share text with ")
                .Append(CultureInfo.InvariantCulture, $"{known.Items.Count} of the questions; the mean of the others is ")
                .Append(CultureInfo.InvariantCulture, $"{Percent(report.UncontaminatedMean)} %. ")
                .Append(CultureInfo.InvariantCulture, $"Lessons with the authors' canary: {known.Canaries}.\n");
        }
    }

    private static void Published(EvaluationReport report, StringBuilder text)
    {
        var rows = PublishedRows.All.Where(row => row.Suite == report.Plan.Suite).ToList();
        if (rows.Count == 0)
        {
            return;
        }

        text.Append("\nPublished means of the same tasks, by the protocols of their papers:\n");
        foreach (var row in rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"- {row.Model}: {row.Mean:F1} ({row.Source})\n");
        }
    }

    private static string System(Runs.RunPlan plan) =>
        plan.Options.SystemMessage is { } message ? $"system message '{message}'" : "the questions' own system messages";

    private static string Percent(double? share) => share is { } value ? (value * 100).ToString("F1", CultureInfo.InvariantCulture) : "-";

    private static string Counted(int? count) => count?.ToString(CultureInfo.InvariantCulture) ?? "-";

    private static string Signed(double share) => (share * 100).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture);

    private static string Range(Interval? interval) =>
        interval is null ? "-" : $"{Percent(interval.Low)}–{Percent(interval.High)}";
}
