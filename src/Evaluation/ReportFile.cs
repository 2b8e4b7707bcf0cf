using System.Globalization;
using System.Text.Json;

namespace Orca.Evaluation;

/// <summary>Keeps reports as JSON files.</summary>
public static class ReportFile
{
    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Writes a report into a folder under a name of its time and title; a reader sees the whole file or none.</summary>
    /// <returns>The file's path.</returns>
    public static string Write(string folder, ExamReport report)
    {
        Directory.CreateDirectory(folder);
        var time = report.Began.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var path = Path.Combine(folder, $"{time}-{Slug(report.Title)}.json");
        var beside = path + ".tmp";
        File.WriteAllText(beside, JsonSerializer.Serialize(report, Form));
        File.Move(beside, path, overwrite: true);
        return path;
    }

    /// <summary>Reads a report back; what is derived is derived again.</summary>
    /// <exception cref="JsonException">The file is no report.</exception>
    public static ExamReport Read(string path) =>
        JsonSerializer.Deserialize<ExamReport>(File.ReadAllText(path), Form) ?? throw new JsonException($"'{path}' holds no report.");

    private static string Slug(string title) =>
        string.Concat(title.ToLowerInvariant().Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '-'));
}
