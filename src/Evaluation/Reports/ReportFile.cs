using System.Globalization;
using System.Text.Json;
using Orca.Evaluation.Runs;

namespace Orca.Evaluation.Reports;

/// <summary>Keeps reports as JSON files.</summary>
public static class ReportFile
{
    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>
    /// Writes a report into a folder under a name of its time and title, and a number where there is one of that name; a reader sees the
    /// whole file or none, and no report takes another's place.
    /// </summary>
    /// <returns>The file's path.</returns>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static string Write(string folder, ExamReport report)
    {
        Directory.CreateDirectory(folder);
        var time = report.Began.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var beside = Path.Combine(folder, $".{Guid.NewGuid():N}.tmp");
        File.WriteAllText(beside, JsonSerializer.Serialize(report, Form));
        for (var number = 1; ; number++)
        {
            var path = Path.Combine(
                folder,
                number == 1
                    ? $"{time}-{Slug(report.Title)}.json"
                    : string.Create(CultureInfo.InvariantCulture, $"{time}-{number}-{Slug(report.Title)}.json"));
            try
            {
                File.Move(beside, path, overwrite: false);
                return path;
            }
            catch (IOException) when (File.Exists(path))
            {
                // Another of this second was written first.
            }
        }
    }

    /// <summary>Reads a report back; what is derived is derived again.</summary>
    /// <exception cref="JsonException">The file is no report.</exception>
    public static ExamReport Read(string path) =>
        JsonSerializer.Deserialize<ExamReport>(File.ReadAllText(path), Form) ?? throw new JsonException($"'{path}' holds no report.");

    private static string Slug(string title) =>
        string.Concat(title.ToLowerInvariant().Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '-'));
}
