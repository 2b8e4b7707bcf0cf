using System.Collections.Immutable;
using System.Text;

namespace Orca.Evaluation.Reports.Page;

/// <summary>The run's scores beside those that papers publish of the same suite.</summary>
internal static class PublishedTable
{
    /// <summary>The table as HTML; nothing where none are published.</summary>
    public static string Of(EvaluationReport report)
    {
        var rows = PublishedRows.All.Where(row => row.Suite == report.Plan.Suite).ToImmutableArray();
        if (rows.IsEmpty)
        {
            return "";
        }

        var text = new StringBuilder("<section aria-labelledby=\"beside\"><h2 id=\"beside\">Beside published scores</h2>\n<p>In percent, "
            + "as published, each by the protocol of its paper, which need not be this run's: "
            + $"{HtmlText.Escape(Sources(rows))}.</p>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Published scores\">"
            + "<table id=\"published\" class=\"sortable\"><caption>This run and published models</caption>\n<thead><tr>");
        text.Append(HtmlText.Heads([("task", "the task"), ("this run", "this run's accuracy"), ("95 % interval", "of this run"),
            .. rows.Select(row => (row.Model, row.Source))])).Append("</tr></thead>\n<tbody>\n");
        foreach (var task in report.Tasks)
        {
            text.Append($"<tr><th scope=\"row\">{HtmlText.Escape(task.Task)}</th>").Append(HtmlText.Cell(task.Accuracy))
                .Append(HtmlText.Cell(task.Interval.Low, HtmlText.Range(task.Interval)));
            text.AppendJoin("", rows.Select(row => HtmlText.Cell(Of(row, task.Task)))).Append("</tr>\n");
        }

        text.Append("</tbody>\n<tfoot>").Append(Foot("mean of these tasks", report, rows.Select(row => MeanOver(row, report))))
            .Append(Foot("mean as published", null, rows.Select(row => (double?)(row.Mean / 100))));
        return text.Append("</tfoot></table></div></section>").ToString();
    }

    private static string Foot(string name, EvaluationReport? report, IEnumerable<double?> means) =>
        $"<tr><th scope=\"row\">{name}</th>{HtmlText.Cell(report?.Mean?.Value)}"
            + HtmlText.Cell(report?.Mean?.Interval.Low, HtmlText.Range(report?.Mean?.Interval))
            + string.Concat(means.Select(HtmlText.Cell)) + "</tr>\n";

    private static double? Of(PublishedRow row, string task) => row.Tasks.TryGetValue(task, out var score) ? score / 100 : null;

    // Of the same tasks as this run's mean, or none: a mean over other tasks is no comparison.
    private static double? MeanOver(PublishedRow row, EvaluationReport report) =>
        report.Tasks.All(task => row.Tasks.ContainsKey(task.Task)) ? report.Tasks.Average(task => Of(row, task.Task)) : null;

    private static string Sources(IEnumerable<PublishedRow> rows) => string.Join(
        "; ", rows.GroupBy(row => row.Source).Select(source => $"{string.Join(", ", source.Select(row => row.Model))} in {source.Key}"));
}
