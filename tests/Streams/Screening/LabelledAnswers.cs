using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;
using Orca.Tests.Shared;

namespace Orca.Streams.Tests.Screening;

/// <summary>An answer of the shared data, or one made from it, with what a reader said of it before the screen was written.</summary>
/// <param name="Half">Whether screens may be tuned on it (<c>development</c>) or only measured (<c>final</c>).</param>
/// <param name="Label">What it is, in the words of its file of labels.</param>
/// <param name="Kind">How it came to be: <c>real</c>, <c>hard</c> or <c>plain</c> as it stands; <c>made…</c> by a script.</param>
/// <param name="Place">File, row and field.</param>
/// <param name="Trace">The answer with its question.</param>
internal sealed record LabelledAnswer(string Half, string Label, string Kind, string Place, Trace Trace);

/// <summary>Reads the files of labels, which name places of the shared data and hold no text of it.</summary>
/// <remarks>
/// A place is <c>file#row#path</c>; within the row's own file the path alone does. A path's steps are names and numbers with dots between;
/// one that begins with <c>^</c> starts at the file's root. Texts of several places stand one below the other, joined by <c>+</c>.
/// </remarks>
internal static partial class LabelledAnswers
{
    private static readonly ConcurrentDictionary<string, (JsonElement Root, JsonElement[] Rows)> Files = new();

    public static IReadOnlyList<LabelledAnswer> Read(string screen, string half)
    {
        SharedData.Require("traces");
        var path = Path.Combine(Repository.Root, "tests", "Streams", "Screening", "Labels", $"{screen}.tsv");
        return [.. File.ReadLines(path).Skip(1).Select(line => line.Split('\t')).Where(columns => columns[0] == half).Select(Of)];
    }

    private static LabelledAnswer Of(string[] columns)
    {
        var (kind, file, row) = (columns[2], columns[3], int.Parse(columns[4]));
        var question = Text(file, row, columns[6]);
        var answer = kind switch
        {
            "made-german" => string.Join(' ', Enumerable.Range(row, 3).Select(each => SourceOf(Text(file, each, columns[5])))),
            _ when kind.StartsWith("made-mixed ") => MadeAnswers.Mixed(Text(file, row, kind.Split(' ')[1]), Text(file, row, columns[5])),
            _ when kind.StartsWith("made ") => MadeAnswers.Refusals[int.Parse(kind.Split(' ')[1])],
            _ when kind.StartsWith("made-") => MadeAnswers.Loop(kind["made-".Length..], Text(file, row, columns[5]), row),
            _ => Text(file, row, columns[5]),
        };
        return new LabelledAnswer(columns[0], columns[1], kind, $"{file}#{row}#{columns[5]}", TraceOf(question, answer));
    }

    private static Trace TraceOf(string question, string answer) => new()
    {
        Request = new TeacherRequest
        {
            Query = new TaskQuery
            {
                Id = TaskQuery.IdOf("labels", "labels", question, null),
                Collection = "labels",
                Task = "labels",
                Prompt = question,
            },
            SystemMessage = "",
            Stage = "assistant",
        },
        Response = answer,
        Finish = TeacherFinish.Stop,
        Teacher = "labels",
    };

    // The German sentence of a question about a translation.
    private static string SourceOf(string question) => question.Split("Source: ")[1].Split('\n')[0];

    private static string Text(string file, int row, string places) => string.Join("\n\n", places.Split('+').Select(place =>
    {
        var parts = place.Split('#');
        return parts.Length == 1 ? At(file, row, place) : At(parts[0], int.Parse(parts[1]), parts[2]);
    }).Where(text => text.Length > 0));

    private static string At(string file, int row, string path)
    {
        var (root, rows) = Files.GetOrAdd(file, Parse);
        var at = path[0] == '^' ? root : rows[row];
        foreach (var step in path.TrimStart('^').Split('.'))
        {
            at = at.ValueKind == JsonValueKind.Array ? at[int.Parse(step)] : at.GetProperty(step);
        }

        return at.ValueKind switch
        {
            JsonValueKind.Array => string.Join('\n', at.EnumerateArray().Select(each => each.ToString())),
            JsonValueKind.Null => "",
            _ => at.ToString(),
        };
    }

    private static (JsonElement Root, JsonElement[] Rows) Parse(string file)
    {
        var path = SharedData.Require(file);
        if (file.EndsWith(".tsv"))
        {
            var cells = File.ReadAllText(path).Split('\n').Select(line => line.Replace("\\n", "\n").Split('\t'));
            return (default, [.. cells.Select(row => JsonSerializer.SerializeToElement(row))]);
        }

        if (file.EndsWith(".jsonl"))
        {
            return (default, [.. File.ReadLines(path).Select(line => JsonDocument.Parse(line).RootElement)]);
        }

        var root = JsonDocument.Parse(NotANumber().Replace(File.ReadAllText(path), "null")).RootElement;
        var list = root.ValueKind == JsonValueKind.Array
            ? root
            : new[] { "Instances", "outputs", "examples" }.Where(name => root.TryGetProperty(name, out _)).Select(root.GetProperty).First();
        return (root, [.. list.EnumerateArray()]);
    }

    // As Python writes it, on a line of its own.
    [GeneratedRegex(@"(?<=^\s*)NaN(?=,?\r?$)", RegexOptions.Multiline)]
    private static partial Regex NotANumber();
}
