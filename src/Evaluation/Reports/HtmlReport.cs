using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
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
        return Fill(PageFile.Read("page.html"), new Dictionary<string, string>
        {
            ["policy"] = $"default-src 'none'; style-src '{Hash(style)}'; script-src '{Hash(script)}'; base-uri 'none'; form-action 'none'",
            ["title"] = HtmlText.Escape($"{report.Plan.Suite} by protocol '{report.Plan.Protocol}': {report.Plan.Subject}"),
            ["style"] = style,
            ["summary"] = Summary.Of(report, records),
            ["tasks"] = TaskTable.Of(report),
            ["published"] = PublishedTable.Of(report),
            ["records"] = RecordData.Of(records),
            ["script"] = script,
        });
    }

    // In one pass, so that a text which looks like a slot stays a text.
    private static string Fill(string page, Dictionary<string, string> slots)
    {
        var pieces = page.Split("{{");
        var text = new StringBuilder(pieces[0]);
        foreach (var piece in pieces.Skip(1))
        {
            var end = piece.IndexOf("}}", StringComparison.Ordinal);
            text.Append(slots[piece[..end]]).Append(piece, end + 2, piece.Length - end - 2);
        }

        return text.ToString();
    }

    private static string Hash(string content) => $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(content)))}";
}
