using System.Globalization;
using System.Text;
using Orca.Evaluation.Runs;

namespace Orca.Evaluation.Reports;

/// <summary>Writes reports as plain text.</summary>
public static class ReportTable
{
    /// <summary>One line a family and the means below, in columns of even width.</summary>
    public static string Render(ExamReport report)
    {
        var width = Width([report]);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{"family".PadRight(width)}  asked  right  accuracy  95 % interval  chance  unparsed\n");
        foreach (var family in report.Families)
        {
            var interval = $"{Percent(family.Interval.Low)}–{Percent(family.Interval.High)}";
            text.Append(CultureInfo.InvariantCulture, $"{family.Family.PadRight(width)}  {family.Asked,5}  {family.Right,5}  "
                + $"{Percent(family.Accuracy),8}  {interval,13}  {Percent(family.Chance),6}  {family.Unparsed,8}\n");
        }

        return text.Append(Summary(report)).ToString();
    }

    /// <summary>Two reports side by side, family by family.</summary>
    public static string Compare(ExamReport before, ExamReport after)
    {
        var width = Width([before, after]);
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture, $"{"family".PadRight(width)}  chance  {before.Title,8}  {after.Title,8}  95 % interval\n");
        foreach (var family in after.Families)
        {
            var earlier = before.Families.FirstOrDefault(candidate => candidate.Family == family.Family);
            var interval = $"{Percent(family.Interval.Low)}–{Percent(family.Interval.High)}";
            text.Append(CultureInfo.InvariantCulture, $"{family.Family.PadRight(width)}  {Percent(family.Chance),6}  "
                + $"{(earlier is null ? "-" : Percent(earlier.Accuracy)),8}  {Percent(family.Accuracy),8}  {interval,13}\n");
        }

        text.Append(
            CultureInfo.InvariantCulture,
            $"{"all questions".PadRight(width)}          {Percent(before.Accuracy),8}  {Percent(after.Accuracy),8}\n");
        return text.Append(CultureInfo.InvariantCulture, $"{"chance-corrected mean".PadRight(width)}          "
            + $"{Percent(before.ChanceCorrectedMean),8}  {Percent(after.ChanceCorrectedMean),8}\n")
            .ToString();
    }

    /// <summary>The means of a report in one line.</summary>
    public static string Summary(ExamReport report)
    {
        var versions = string.Join(", ", report.AnswersByVersion.Select(pair => $"{pair.Key} ({pair.Value})"));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"accuracy {Percent(report.Accuracy)}, chance-corrected mean {Percent(report.ChanceCorrectedMean)}, unparsed "
                + $"{Percent(report.ParseFailureRate)}, {report.Asked} questions in {report.Elapsed.TotalSeconds:F1} s, answered by "
                + $"version {versions}\n");
    }

    private static int Width(IEnumerable<ExamReport> reports) =>
        reports.SelectMany(report => report.Families).Select(family => family.Family.Length).Append("chance-corrected mean".Length).Max();

    private static string Percent(double share) => (share * 100).ToString("F0", CultureInfo.InvariantCulture) + " %";
}
