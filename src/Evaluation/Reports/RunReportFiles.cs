using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Orca.Evaluation.Runs;

namespace Orca.Evaluation.Reports;

/// <summary>
/// Writes a run's report beside its records: <c>report.json</c>, <c>report.md</c>, and <c>report.html</c> with every answer.
/// </summary>
public static class RunReportFiles
{
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
        Replace(Path.Combine(folder, "report.json"), JsonSerializer.Serialize(report, Form));
        Replace(Path.Combine(folder, "report.md"), MarkdownReport.Of(report));
        Replace(Path.Combine(folder, "report.html"), HtmlReport.Of(report, records));
    }

    /// <summary>Writes what a judge made of the run's answers, as <c>judgements.json</c>.</summary>
    /// <typeparam name="T">The report.</typeparam>
    /// <exception cref="IOException">It cannot be written; the judgements stay.</exception>
    public static void WriteJudged<T>(string folder, T report) =>
        Replace(Path.Combine(folder, "judgements.json"), JsonSerializer.Serialize(report, Form));

    // A reader sees the whole file or the one before.
    private static void Replace(string path, string text)
    {
        // Half a surrogate pair, which a version's name may hold, becomes U+FFFD; File.WriteAllText would refuse the report for it.
        File.WriteAllBytes($"{path}.part", Encoding.UTF8.GetBytes(text));
        File.Move($"{path}.part", path, overwrite: true);
    }
}
