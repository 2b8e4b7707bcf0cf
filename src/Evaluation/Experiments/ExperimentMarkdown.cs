using System.Globalization;
using System.Text;
using Orca.Evaluation.Statistics;

namespace Orca.Evaluation.Experiments;

/// <summary>Writes an experiment's report as Markdown.</summary>
public static class ExperimentMarkdown
{
    /// <summary>The report: what decides, what every arm cost and reached, every comparison, every student.</summary>
    public static string Of(ExperimentReport report)
    {
        var plan = report.Plan;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {plan.Name}\n\n{plan.Question}\n\nFixed beforehand: {plan.Measure}; ")
            .Append(CultureInfo.InvariantCulture, $"{plan.Seeds} seeds, {plan.Steps} training steps a student, {plan.QuestionsPerTask} ")
            .Append("questions of each family.\n");
        if (plan.HeldOutFamilies > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{plan.HeldOutFamilies} families are left out of each seed's training.\n");
        }

        foreach (var comparison in report.Comparisons.Take(plan.Pairs.Length))
        {
            text.Append('\n').Append(Sentence(comparison)).Append('\n');
        }

        if (plan.Published is { } published)
        {
            text.Append(CultureInfo.InvariantCulture, $"\nPublished beside it: {published}\n");
        }

        Arms(report, text);
        Comparisons(report, text);
        Students(report, text);
        return text.ToString();
    }

    private static string Sentence(ArmComparison comparison)
    {
        var seeds = comparison.Seeds;
        var begin = $"{comparison.First} {Percent(seeds.First)} %, {comparison.Second} {Percent(seeds.Second)} %: a difference of "
            + $"{Signed(seeds.Difference)} points";
        var margin = seeds.RelativeMargin is { } share ? $", {Signed(share)} % of the latter" : "";
        return seeds is { Interval: { } interval, P: { } p, Detectable: { } detectable }
            ? $"{begin} ({Range(interval)} with 95 % confidence, p {p.ToString("G2", CultureInfo.InvariantCulture)}{margin}). "
                + $"{Percent(detectable)} points would have been found in 80 of 100 such experiments."
            : $"{begin}{margin}, of one seed: how sure that is cannot be said.";
    }

    private static void Arms(ExperimentReport report, StringBuilder text)
    {
        text.Append("\n| arm | students | steps | tokens | teacher tokens | lessons | questions asked | accepted | loss |\n")
            .Append("|---|---:|---:|---:|---:|---:|---:|---:|---:|\n");
        foreach (var arm in report.Students.GroupBy(student => student.Arm))
        {
            string Mean(Func<StudentEffort, double> value) =>
                arm.Average(student => value(student.Effort)).ToString("N0", CultureInfo.InvariantCulture);
            text.Append(CultureInfo.InvariantCulture, $"| {arm.Key} | {arm.Count()} | {Mean(effort => effort.Steps)} | ")
                .Append(CultureInfo.InvariantCulture, $"{Mean(effort => effort.Tokens)} | {Mean(effort => effort.TeacherTokens)} | ")
                .Append(CultureInfo.InvariantCulture, $"{Mean(effort => effort.Lessons)} | {Mean(effort => effort.Questions)} | ")
                .Append(CultureInfo.InvariantCulture, $"{Mean(effort => effort.Accepted)} | ")
                .Append(CultureInfo.InvariantCulture, $"{arm.Average(student => student.Effort.Loss):F3} |\n");
        }
    }

    private static void Comparisons(ExperimentReport report, StringBuilder text)
    {
        text.Append("\n| questions | protocol | arms | first | second | difference | 95 % interval | p | p of so many | detectable |\n")
            .Append("|---|---|---|---:|---:|---:|---|---:|---:|---:|\n");
        foreach (var one in report.Comparisons)
        {
            var seeds = one.Seeds;
            text.Append(CultureInfo.InvariantCulture, $"| {one.Questions} | {one.Protocol} | {one.First} over {one.Second} | ")
                .Append(CultureInfo.InvariantCulture, $"{Percent(seeds.First)} | {Percent(seeds.Second)} | {Signed(seeds.Difference)} | ")
                .Append(CultureInfo.InvariantCulture, $"{Range(seeds.Interval)} | {Number(seeds.P)} | {Number(one.AdjustedP)} | ")
                .Append(CultureInfo.InvariantCulture, $"{(seeds.Detectable is { } found ? Percent(found) : "-")} |\n");
        }
    }

    private static void Students(ExperimentReport report, StringBuilder text)
    {
        text.Append("\n| arm | seed | questions | protocol | chance-corrected | accuracy | without an answer | asked |\n")
            .Append("|---|---:|---|---|---:|---:|---:|---:|\n");
        foreach (var (student, score) in report.Students.SelectMany(student => student.Scores.Select(score => (student, score))))
        {
            text.Append(CultureInfo.InvariantCulture, $"| {student.Arm} | {student.Seed} | {score.Questions} | {score.Protocol} | ")
                .Append(CultureInfo.InvariantCulture, $"{Percent(score.ChanceCorrected)} | {Percent(score.Accuracy)} | ")
                .Append(CultureInfo.InvariantCulture, $"{Percent(score.ParseFailures)} | {score.Items} |\n");
        }
    }

    private static string Percent(double share) => (share * 100).ToString("F1", CultureInfo.InvariantCulture);

    private static string Signed(double share) => (share * 100).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture);

    private static string Number(double? value) => value is { } p ? p.ToString("G2", CultureInfo.InvariantCulture) : "-";

    private static string Range(Interval? interval) =>
        interval is null ? "-" : $"{Signed(interval.Low)} to {Signed(interval.High)}";
}
