using System.Collections.Immutable;
using Orca.Evaluation.Reports.Page;
using Orca.Evaluation.Runs;

namespace Orca.Evaluation.Reports;

/// <summary>
/// Writes a report and every answer behind it as one HTML file, for any browser. The same records give the same file, and the file asks
/// nobody for anything. Nothing that a student or a benchmark says is ever markup: it stands escaped in the tables and as data in the
/// list of answers, and the page's policy lets no style or script run but its own, named by their hashes.
/// </summary>
public static class HtmlReport
{
    /// <summary>The whole page.</summary>
    /// <param name="report">The report.</param>
    /// <param name="records">The records that it was computed from; each can be opened.</param>
    public static string Of(EvaluationReport report, ImmutableArray<ItemRecord> records)
    {
        var style = PageFile.Read("page.css");
        var script = string.Concat(new[] { "tables.js", "items.js", "item.js" }.Select(PageFile.Read));
        return PageFile.Fill("page.html", new Dictionary<string, string>
        {
            ["policy"] = PageFile.Policy(style, script),
            ["title"] = HtmlText.Escape($"{report.Plan.Suite} by protocol '{report.Plan.Protocol}': {report.Plan.Subject}"),
            ["style"] = style,
            ["summary"] = Summary.Of(report, records),
            ["tasks"] = TaskTable.Of(report),
            ["published"] = PublishedTable.Of(report),
            ["records"] = RecordData.Of(records),
            ["script"] = script,
        });
    }
}
