using System.Text.Json;

namespace Orca.Evaluation.Suites;

/// <summary>Reads the files that benchmarks are published as.</summary>
internal static class PublishedFile
{
    /// <summary>The files of a folder with one of these endings, by name; a file stands for itself.</summary>
    /// <exception cref="EvaluationException">There is nothing of the kind.</exception>
    public static string[] Find(string suite, string path, params string[] endings)
    {
        if (File.Exists(path))
        {
            return [path];
        }

        if (!Directory.Exists(path))
        {
            throw new EvaluationException($"'{path}' is not there; give the file or folder of {suite} as its authors publish it.");
        }

        var files = Directory.EnumerateFiles(path).Where(file => endings.Contains(Path.GetExtension(file).ToLowerInvariant()))
            .Order(StringComparer.Ordinal).ToArray();
        return files.Length > 0
            ? files
            : throw new EvaluationException(
                $"'{path}' holds no file that ends in {string.Join(" or ", endings)}; give the folder of {suite} as its authors publish "
                    + "it.");
    }

    /// <summary>The first of these folders within one that is there; the folder itself where none is.</summary>
    public static string Within(string path, params string[] folders) =>
        folders.Select(folder => Path.Combine(path, folder)).FirstOrDefault(Directory.Exists) ?? path;

    /// <summary>A file's whole text.</summary>
    /// <exception cref="EvaluationException">It cannot be read.</exception>
    public static string Text(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new EvaluationException($"'{path}' cannot be read: {failure.Message}", failure);
        }
    }

    /// <summary>The objects of a file of JSON Lines; empty lines pass by.</summary>
    /// <exception cref="EvaluationException">A line is no JSON object, or the file cannot be read.</exception>
    public static IEnumerable<(int Line, JsonElement Object)> Lines(string path) => Lines(path, Text(path));

    /// <summary>The same of a text that was read from there.</summary>
    /// <exception cref="EvaluationException">A line is no JSON object.</exception>
    public static IEnumerable<(int Line, JsonElement Object)> Lines(string path, string text)
    {
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line))
            {
                yield return (number, Parse(line, $"Line {number} of '{path}'"));
            }
        }
    }

    /// <summary>The one object of a JSON file.</summary>
    /// <exception cref="EvaluationException">It is none, or cannot be read.</exception>
    public static JsonElement Object(string path) => Parse(Text(path), $"'{path}'");

    /// <summary>A text field.</summary>
    /// <exception cref="EvaluationException">It is missing or no text.</exception>
    public static string TextOf(JsonElement record, string field, string where) =>
        record.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw new EvaluationException($"{where} has no text '{field}'.");

    /// <summary>A text field; null where it is missing, null or no text.</summary>
    public static string? TextOrNull(JsonElement record, string field) =>
        record.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static JsonElement Parse(string text, string where)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw new EvaluationException($"{where} is no JSON object.");
        }
        catch (JsonException failure)
        {
            throw new EvaluationException($"{where} is no JSON: {failure.Message}", failure);
        }
    }
}
