using System.Collections.Immutable;
using System.Text.Json;
using Orca.Evaluation.Runs;

namespace Orca.Evaluation.Reports;

/// <summary>
/// Writes a run's report beside its records: <c>report.json</c>, <c>report.md</c>, and <c>report.html</c> with every answer.
/// </summary>
public static class RunReportFiles
{
    // Written last.
    private const string PageName = "report.html";

    private static readonly JsonSerializerOptions Form = new(EvaluationFolder.Form)
    {
        WriteIndented = true,
        IgnoreReadOnlyProperties = false,
    };

    /// <summary>Writes them anew.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="report">The report.</param>
    /// <param name="records">The records that it was computed from.</param>
    /// <exception cref="IOException">They cannot be written; the records stay.</exception>
    public static void Write(string folder, EvaluationReport report, ImmutableArray<ItemRecord> records)
    {
        WholeFile.Write(Path.Combine(folder, "report.json"), JsonSerializer.Serialize(report, Form));
        WholeFile.Write(Path.Combine(folder, "report.md"), MarkdownReport.Of(report));
        WholeFile.Write(Path.Combine(folder, PageName), HtmlReport.Of(report, records));
    }

    /// <summary>Whether a folder holds a report, so that its run was asked to its end.</summary>
    public static bool AreIn(string folder) => File.Exists(Path.Combine(folder, PageName));

    /// <summary>Writes what a judge made of the run's answers, as <c>judgements.json</c>.</summary>
    /// <typeparam name="T">The report.</typeparam>
    /// <exception cref="IOException">It cannot be written; the judgements stay.</exception>
    public static void WriteJudged<T>(string folder, T report) =>
        WholeFile.Write(Path.Combine(folder, "judgements.json"), JsonSerializer.Serialize(report, Form));
}
