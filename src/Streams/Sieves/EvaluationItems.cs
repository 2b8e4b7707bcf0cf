using System.Text;
using System.Text.Json;
using nietras.SeparatedValues;
using Orca.Streams.Tasks;
using Orca.Streams.Tasks.Files;
using Orca.Streams.Tasks.Records;

namespace Orca.Streams.Sieves;

/// <summary>One item of an evaluation set.</summary>
/// <param name="File">Path of its file.</param>
/// <param name="Row">Its number in the file, from 1; 0 for texts that belong to the file and to no item.</param>
/// <param name="Texts">Its texts in the order of the file; texts of one list are one.</param>
internal sealed record EvaluationItem(string File, int Row, IReadOnlyList<string> Texts);

/// <summary>
/// Reads evaluation sets as plain text, without any knowledge of their fields: of JSON every string is a text, of tables every cell, of
/// other files a line or, where empty lines part it, a paragraph.
/// </summary>
/// <remarks>
/// An item is an element of a JSON file's lists of objects, a line of JSON Lines, a row of a table. What ends in .json or .jsonl and is
/// none is read as text: nothing is left out.
/// </remarks>
internal static class EvaluationItems
{
    private const int MaxDepth = 256;

    private static readonly string[] Endings = [".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".txt", ".parquet"];

    /// <summary>All items of a set.</summary>
    /// <exception cref="TaskFormatException">There is no such path, or it cannot be read.</exception>
    public static IEnumerable<EvaluationItem> Read(EvaluationSet set)
    {
        foreach (var file in FilesOf(set))
        {
            var row = 0;
            foreach (var (isOwn, texts) in ItemsOf(SourceFiles.EndingOf(file), TextOf(set, file)))
            {
                yield return new EvaluationItem(file, isOwn ? 0 : ++row, texts);
            }
        }
    }

    // However it is stored. One that is damaged is refused: what is not read of it would be asked and taught.
    private static string TextOf(EvaluationSet set, string file)
    {
        try
        {
            using var open = new OpenFiles();
            var opening = new TextOpening(open, name => new Spool(Spool.TemporaryPath(name)));
            using var text = opening.Open(file, (_, message) => throw new IOException(message), CancellationToken.None).Text;
            var bytes = new byte[text.Length];
            return Encoding.UTF8.GetString(bytes.AsSpan(0, text.Read(bytes, 0))).TrimStart('\uFEFF');
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or OutOfMemoryException or OverflowException)
        {
            throw new TaskFormatException(
                $"The evaluation set '{set.Name}' cannot be read from '{file}': {failure.Message}; give files that can be read.", failure);
        }
    }

    private static IReadOnlyList<string> FilesOf(EvaluationSet set)
    {
        if (File.Exists(set.Path))
        {
            return [set.Path];
        }

        if (!Directory.Exists(set.Path))
        {
            throw new TaskFormatException(
                $"The evaluation set '{set.Name}' is not there: no file or folder '{set.Path}'; give the path of its questions.");
        }

        return
        [
            .. FolderWalk.Files(set.Path).Where(file => Endings.Contains(SourceFiles.EndingOf(file))).Order(StringComparer.Ordinal),
        ];
    }

    private static IEnumerable<(bool IsOwn, IReadOnlyList<string> Texts)> ItemsOf(string extension, string text) => extension switch
    {
        ".json" => JsonItems(text) ?? Lines(text).Select(Line),
        ".jsonl" or ".ndjson" or ".parquet" => Lines(text).Select(Line),
        ".csv" => Rows(text).Select(row => (false, row)),
        ".tsv" => Lines(text).Select(line => (false, TsvRow(line))),
        _ => Paragraphs(text).Select(paragraph => (false, (IReadOnlyList<string>)[paragraph])),
    };

    // The names' line too, and rows of any width: nothing is left out.
    private static List<IReadOnlyList<string>> Rows(string text)
    {
        var rows = new List<IReadOnlyList<string>>();
        try
        {
            using var reader = new Sep(',').Reader(
                options => options with { HasHeader = false, Unescape = true, DisableColCountCheck = true }).FromText(text);
            foreach (var row in reader)
            {
                rows.Add(row[..].ToStringsArray());
            }

            return rows;
        }
        catch (Exception failure) when (failure is InvalidDataException or NotSupportedException or ArgumentException)
        {
            // A quotation mark that nothing closes: it is read as text.
            return [.. Paragraphs(text).Select(paragraph => (IReadOnlyList<string>)[paragraph])];
        }
    }

    private static IEnumerable<string> Lines(string text) => text.Split('\n').Where(line => !string.IsNullOrWhiteSpace(line));

    // Line breaks within a cell are written as two characters.
    private static IReadOnlyList<string> TsvRow(string line) =>
        [.. line.Split('\t').Select(cell => cell.Replace("\\n", "\n", StringComparison.Ordinal))];

    private static IEnumerable<string> Paragraphs(string text)
    {
        var lines = text.Split('\n').Select(line => line.Trim()).ToList();
        var hasParagraphs = lines.SkipWhile(line => line.Length == 0).Reverse().SkipWhile(line => line.Length == 0).Contains("");
        var paragraph = new StringBuilder();
        foreach (var line in lines)
        {
            if (line.Length > 0)
            {
                paragraph.Append(line).Append('\n');
            }

            if (paragraph.Length > 0 && (line.Length == 0 || !hasParagraphs))
            {
                yield return paragraph.ToString();
                paragraph.Clear();
            }
        }

        if (paragraph.Length > 0)
        {
            yield return paragraph.ToString();
        }
    }

    private static (bool IsOwn, IReadOnlyList<string> Texts) Line(string line)
    {
        var texts = new List<string>();
        try
        {
            using var json = Parse(line);
            Gather(json.RootElement, texts);
        }
        catch (JsonException)
        {
            texts = [line];
        }

        return (false, texts);
    }

    private static List<(bool IsOwn, IReadOnlyList<string> Texts)>? JsonItems(string text)
    {
        try
        {
            using var json = Parse(text);
            var items = new List<(bool IsOwn, IReadOnlyList<string> Texts)>();
            var own = new List<string>();
            Visit(json.RootElement, items, own);
            if (own.Count > 0)
            {
                items.Add((true, own));
            }

            return items;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonDocument Parse(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        PythonNumbers.Erase(bytes);
        return JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = MaxDepth });
    }

    // The items are the elements of lists that hold objects, and the objects of an object that holds nothing else.
    private static void Visit(JsonElement element, List<(bool IsOwn, IReadOnlyList<string> Texts)> items, List<string> own)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
            {
                Add(item);
            }

            return;
        }

        if (element.ValueKind != JsonValueKind.Object)
        {
            Gather(element, own);
            return;
        }

        foreach (var property in element.EnumerateObject())
        {
            if (property.Value.ValueKind == JsonValueKind.Object)
            {
                Add(property.Value);
            }
            else if (property.Value.ValueKind == JsonValueKind.Array
                && property.Value.EnumerateArray().Any(item => item.ValueKind is JsonValueKind.Object or JsonValueKind.Array))
            {
                Visit(property.Value, items, own);
            }
            else
            {
                Gather(property.Value, own);
            }
        }

        void Add(JsonElement item)
        {
            var texts = new List<string>();
            Gather(item, texts);
            items.Add((false, texts));
        }
    }

    private static void Gather(JsonElement element, List<string> texts)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                texts.Add(TextOf(element));
                break;
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                {
                    Gather(property.Value, texts);
                }

                break;
            case JsonValueKind.Array:
                var strings = element.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(TextOf).ToList();
                if (strings.Count > 0)
                {
                    texts.Add(string.Join('\n', strings));
                }

                foreach (var item in element.EnumerateArray().Where(item => item.ValueKind != JsonValueKind.String))
                {
                    Gather(item, texts);
                }

                break;
        }
    }

    // Half of a pair of surrogates is no Unicode: such a text is taken as it is written.
    private static string TextOf(JsonElement element)
    {
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return element.GetRawText();
        }
    }
}
