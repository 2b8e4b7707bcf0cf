using System.Text.Json;
using Orca.Evaluation.Runs;

namespace Orca.Evaluation.Reports;

/// <summary>Writes a run's report beside its records: <c>report.json</c> and <c>report.md</c>.</summary>
public static class RunReportFiles
{
    private static readonly JsonSerializerOptions Form = new(EvaluationFolder.Form) { WriteIndented = true, IgnoreReadOnlyProperties = false };

    /// <summary>Writes them anew.</summary>
    /// <exception cref="IOException">They cannot be written; the records stay.</exception>
    public static void Write(string folder, EvaluationReport report)
    {
        Replace(Path.Combine(folder, "report.json"), JsonSerializer.Serialize(report, Form));
        Replace(Path.Combine(folder, "report.md"), MarkdownReport.Of(report));
    }

    // A reader sees the whole file or the one before.
    private static void Replace(string path, string text)
    {
        File.WriteAllText($"{path}.part", text);
        File.Move($"{path}.part", path, overwrite: true);
    }
}
