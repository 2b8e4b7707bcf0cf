using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orca.Evaluation.Runs;

namespace Orca.Evaluation.Recordings;

/// <summary>
/// Writes a run's answers as lm-evaluation-harness writes its own with <c>--log_samples</c>: <c>samples_TASK.jsonl</c>, a line a question,
/// with <c>doc</c>, <c>target</c>, <c>arguments</c>, <c>resps</c>, <c>filtered_resps</c> and the mark.
/// </summary>
public static class LmEvalSamples
{
    private static readonly JsonSerializerOptions Form = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a file for each task; files of the same names are replaced.</summary>
    /// <param name="folder">Where to; made where it is missing.</param>
    /// <param name="records">The answers; of several samples of a question each is a line of its own.</param>
    /// <returns>The files.</returns>
    public static ImmutableArray<string> Write(string folder, ImmutableArray<ItemRecord> records)
    {
        Directory.CreateDirectory(folder);
        return
        [
            .. records.GroupBy(record => record.Task).OrderBy(task => task.Key, StringComparer.Ordinal).Select(task =>
            {
                var path = Path.Combine(folder, $"samples_{NameOf(task.Key)}.jsonl");
                File.WriteAllLines(
                    path,
                    task.OrderBy(record => record.Row).ThenBy(record => record.Repeat).Select(record => Line(record).ToJsonString(Form)));
                return path;
            }),
        ];
    }

    private static JsonObject Line(ItemRecord record)
    {
        var (isRanked, target) = (record.ChoiceLosses is not null, TargetOf(record));
        var metric = isRanked ? "acc" : "exact_match";
        return new JsonObject
        {
            ["doc_id"] = record.Row,
            ["doc"] = new JsonObject { ["question"] = record.Question, ["gold"] = Texts(record.Gold) },
            ["target"] = target,
            ["arguments"] = Arguments(record),
            ["resps"] = isRanked ? Choices(record, nested: true) : new JsonArray(new JsonArray(record.Response)),
            ["filtered_resps"] = isRanked
                ? Choices(record, nested: false)
                : new JsonArray(record.Answer ?? "[invalid]"),
            ["filter"] = record.Protocol,
            ["metrics"] = new JsonArray(metric),
            ["doc_hash"] = record.Item,
            ["prompt_hash"] = HashOf(record.Prompt.Text),
            ["target_hash"] = HashOf(target),
            [metric] = record.IsRight ? 1.0 : 0,
        };
    }

    // Where choices are ranked the harness counts them, from 0.
    private static string TargetOf(ItemRecord record)
    {
        var gold = record.Gold.FirstOrDefault() ?? "";
        var place = record.Prompt.Continuations.Select(text => text.Trim()).ToList().FindIndex(
            text => text.StartsWith($"({gold.Trim('(', ')')})", StringComparison.Ordinal));
        return record.ChoiceLosses is null || place < 0 ? gold : place.ToString(CultureInfo.InvariantCulture);
    }

    private static JsonObject Arguments(ItemRecord record)
    {
        var prompt = record.Prompt;
        return prompt.Continuations.IsEmpty
            ? Numbered([new JsonObject
            {
                ["arg_0"] = prompt.Text,
                ["arg_1"] = new JsonObject
                {
                    ["until"] = Texts(prompt.Stops),
                    ["max_gen_toks"] = prompt.MaxTokens,
                    ["temperature"] = prompt.Temperature,
                    ["do_sample"] = prompt.Temperature > 0,
                },
            }])
            : Numbered(prompt.Continuations.Select(text => new JsonObject { ["arg_0"] = prompt.Text, ["arg_1"] = text }));
    }

    private static JsonObject Numbered(IEnumerable<JsonObject> arguments) =>
        new(arguments.Select((one, place) => KeyValuePair.Create<string, JsonNode?>($"gen_args_{place}", one)));

    private static JsonArray Choices(ItemRecord record, bool nested) => new(
    [
        .. record.ChoiceLosses!.Value.Select(loss => new JsonArray((-loss).ToString("R", CultureInfo.InvariantCulture), "False"))
            .Select(pair => nested ? new JsonArray(pair) : pair),
    ]);

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode?)text)]);

    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string NameOf(string task) =>
        string.Concat(task.Select(letter => Path.GetInvalidFileNameChars().Contains(letter) ? '_' : letter));
}
