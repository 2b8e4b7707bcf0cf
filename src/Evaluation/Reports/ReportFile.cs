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
            if (TryMove(beside, path))
            {
                return path;
            }
        }
    }

    // The name is taken by a file that only one writer can make: a move that may not replace looks first and moves then.
    private static bool TryMove(string from, string path)
    {
        var claim = Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.claim");
        try
        {
            using var claimed = new FileStream(claim, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            if (File.Exists(path))
            {
                return false;
            }

            File.Move(from, path);
            return true;
        }
        catch (IOException) when (File.Exists(claim) || File.Exists(path))
        {
            return false;
        }
    }

    /// <summary>Reads a report back; what is derived is derived again.</summary>
    /// <exception cref="JsonException">The file is no report.</exception>
    public static ExamReport Read(string path) =>
        JsonSerializer.Deserialize<ExamReport>(File.ReadAllText(path), Form) ?? throw new JsonException($"'{path}' holds no report.");

    private static string Slug(string title) =>
        string.Concat(title.ToLowerInvariant().Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '-'));
}
