using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Orca.Evaluation.Reports.Page;
using Orca.Evaluation.Runs;

namespace Orca.Evaluation.Reports;

/// <summary>The versions of a run by their examinations: a chart and a table, as one HTML file that asks nobody for anything.</summary>
public static class VersionHistory
{
    private static readonly (string, string)[] Columns =
    [
        ("version", "number of the version"), ("checkpoint", "name of its folder"), ("step", "the trainer's step"),
        ("questions", "held-out questions asked"), ("right", "those answered rightly"), ("accuracy", "in percent"),
        ("95 % interval", "holds the true accuracy with 95 % confidence"), ("against", "the version that answered callers then"),
        ("its right", "those that that one answered rightly"), ("p", "McNemar's exact p of there being no difference"),
        ("took over", "whether it answers callers since"), ("time", "when it was examined, UTC"),
    ];

    /// <summary>The whole page.</summary>
    /// <param name="title">Names the run.</param>
    /// <param name="examinations">One or more.</param>
    public static string Html(string title, ImmutableArray<VersionExamination> examinations)
    {
        var (style, script) = (PageFile.Read("page.css"), PageFile.Read("tables.js"));
        return PageFile.Fill("history.html", new Dictionary<string, string>
        {
            ["policy"] = PageFile.Policy(style, script),
            ["title"] = HtmlText.Escape(title),
            ["style"] = style,
            ["chart"] = VersionChart.Of(examinations),
            ["versions"] = Table(examinations),
            ["script"] = script,
        });
    }

    /// <summary>The table as Markdown.</summary>
    public static string Markdown(ImmutableArray<VersionExamination> examinations)
    {
        var text = new StringBuilder("| version | checkpoint | step | right | accuracy | 95 % interval | against | p | took over |\n")
            .Append("|---:|---|---:|---:|---:|---|---:|---:|---|\n");
        foreach (var one in examinations)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {one.Version} | {one.Checkpoint} | {one.Step} | ")
                .Append(CultureInfo.InvariantCulture, $"{one.Right} of {one.Questions} | ")
                .Append(CultureInfo.InvariantCulture, $"{HtmlText.Percent(one.Accuracy)} | {HtmlText.Range(one.Interval)} | ")
                .Append(CultureInfo.InvariantCulture, $"{one.Against} ({one.AgainstRight}) | {one.P:G2} | ")
                .Append(one.IsPromoted ? "yes" : "no").Append(" |\n");
        }

        return text.ToString();
    }

    private static string Table(ImmutableArray<VersionExamination> examinations)
    {
        var text = new StringBuilder("<table id=\"versions\" class=\"sortable\"><caption>Versions</caption>\n<thead><tr>");
        text.Append(HtmlText.Heads(Columns)).Append("</tr></thead>\n<tbody>\n");
        foreach (var one in examinations)
        {
            text.Append("<tr>").Append(Number(one.Version)).Append($"<td>{HtmlText.Escape(one.Checkpoint)}</td>").Append(Number(one.Step))
                .Append(HtmlText.Cell(one.Questions)).Append(HtmlText.Cell(one.Right)).Append(HtmlText.Cell(one.Accuracy))
                .Append(HtmlText.Cell(one.Interval.Low, HtmlText.Range(one.Interval))).Append(Number(one.Against))
                .Append(HtmlText.Cell(one.AgainstRight)).Append(HtmlText.Cell(one.P, one.P.ToString("G2", CultureInfo.InvariantCulture)))
                .Append(one.IsPromoted ? "<td>yes</td>" : "<td>no</td>")
                .Append(CultureInfo.InvariantCulture, $"<td>{one.Time.UtcDateTime:yyyy-MM-dd HH:mm:ss}</td></tr>\n");
        }

        return text.Append("</tbody></table>").ToString();
    }

    private static string Number(long value) => HtmlText.Cell(value, value.ToString(CultureInfo.InvariantCulture));
}
