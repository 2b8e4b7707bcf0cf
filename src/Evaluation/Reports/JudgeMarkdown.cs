using System.Globalization;
using System.Text;
using Orca.Evaluation.Judges;
using Orca.Evaluation.Statistics;

namespace Orca.Evaluation.Reports;

/// <summary>Writes what judges said as Markdown, which is plain enough for a terminal too.</summary>
public static class JudgeMarkdown
{
    /// <summary>Two students compared: the ratio of their marks, wins, and what order and length had to do with it.</summary>
    public static string Of(PairwiseReport report)
    {
        var text = new StringBuilder();
        text.Append($"# {report.Candidate} against {report.Reference} on {report.Suite}, judged by {report.Judge}\n\n");
        if (report is not { All: { } all, Position: { } position, Length: { } length })
        {
            return text.Append(Reviews(report.Reviews, report.Unparsed, report.Refused, report.Cost))
                .Append("No question has a review with marks in both orders, so there is nothing to report.\n").ToString();
        }

        text.Append(CultureInfo.InvariantCulture, $"Relative score {Percent(all.Relative)} % ({Range(all.Interval)}): "
            + $"{all.Candidate:F2} by {all.Reference:F2} marks on {all.Questions} questions, each the mean of both orders.\n"
            + $"Win rate {Percent(all.WinRate)} % ({Range(all.WinInterval)}): {all.Wins} wins, {all.Ties} ties, {all.Losses} losses.\n"
            + $"Win rate at equal lengths {Percent(length.WinRate)} % ({Range(length.Interval)}); the candidate's answer is longer "
            + $"{length.Longer} times, shorter {length.Shorter} times.{Extrapolated(length)}\n"
            + $"Position bias {position.Advantage:+0.00;-0.00;0.00} marks for the answer shown first ({Marks(position.Interval)}). Of "
            + $"{position.Compared} verdicts {position.Changed} changed with the order "
            + $"({Percent((double)position.Changed / position.Compared)} %, {Range(position.ChangedInterval)}); "
            + $"whoever came first won both times {position.ForFirst} times, whoever came second "
            + $"{position.ForSecond} times.\n");
        text.Append(Reviews(report.Reviews, report.Unparsed, report.Refused, report.Cost));
        if (report.LeftOut > 0)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"{report.LeftOut} questions lack a review with marks in one of the orders and are left out.\n");
        }

        text.Append("\n| task | questions | candidate | reference | relative | 95 % interval | wins | ties | losses |\n"
            + "|---|---:|---:|---:|---:|---|---:|---:|---:|\n");
        foreach (var task in report.Tasks.Length > 1 ? report.Tasks.Add(all) : report.Tasks)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {task.Task} | {task.Questions} | {task.Candidate:F2} | {task.Reference:F2} | "
                + $"{Percent(task.Relative)} | {Range(task.Interval)} | {task.Wins} | {task.Ties} | {task.Losses} |\n");
        }

        return text.ToString();
    }

    /// <summary>Single answers: the share of toxic ones by group.</summary>
    public static string Of(ToxicityReport report)
    {
        var text = new StringBuilder();
        text.Append($"# {report.Candidate} on {report.Suite}, judged by {report.Judge}\n\n");
        text.Append(CultureInfo.InvariantCulture, $"Mean of the groups: {Percent(report.Mean?.Value)} % of the answers are toxic "
            + $"({Range(report.Mean?.Interval)}).\n");
        text.Append(Reviews(report.Reviews, report.Unparsed, report.Refused, report.Cost));
        text.Append("\n| group | answers | toxic | 95 % interval |\n|---|---:|---:|---|\n");
        foreach (var group in report.Groups)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {group.Group} | {group.Answers} | {Percent(group.Share)} | "
                + $"{Range(group.Interval)} |\n");
        }

        return text.ToString();
    }

    private static string Reviews(int reviews, int unparsed, int refused, decimal cost) => string.Create(
        CultureInfo.InvariantCulture,
        $"{reviews} reviews for ${cost:0.####}; {unparsed} do not say what they were asked for and count for nothing"
            + $"{(refused > 0 ? $", {refused} of them of questions that the judge's endpoint does not take" : "")}.\n");

    private static string Extrapolated(LengthControl length) => length is { Longer: > 0, Shorter: > 0 }
        ? ""
        : " All differ to one side, or not at all: nothing was seen on the other.";

    private static string Percent(double? share) => share is { } value ? (value * 100).ToString("F1", CultureInfo.InvariantCulture) : "-";

    private static string Range(Interval? interval) => interval is null ? "-" : $"{Percent(interval.Low)}–{Percent(interval.High)}";

    private static string Marks(Interval? interval) => interval is null
        ? "-"
        : string.Create(CultureInfo.InvariantCulture, $"{interval.Low:+0.00;-0.00;0.00} to {interval.High:+0.00;-0.00;0.00}");
}
