using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Orca.Evaluation.Protocols;
using Orca.Evaluation.Runs;

namespace Orca.Evaluation.Reports.Page;

/// <summary>
/// Records as the JSON that <c>items.js</c> reads: one array a record, without names. What many records share stands once: tasks, versions,
/// defects, settings with system messages, and what all prompts of a task begin with, such as its examples.
/// </summary>
internal static class RecordData
{
    /// <summary>The JSON of some records, in their order.</summary>
    public static string Of(ImmutableArray<ItemRecord> records)
    {
        var (versions, defects, settings) = (new Shared(), new Shared(), new Shared());
        var tasks = records.GroupBy(record => record.Task).Select((task, place) => (task.Key, Place: place, Start: CommonStart(task)))
            .ToDictionary(task => task.Key);
        var json = new StringBuilder("{\"items\":[");
        var comma = "";
        foreach (var record in records)
        {
            var (task, prompt) = (tasks[record.Task], record.Prompt);
            json.Append(comma).Append(CultureInfo.InvariantCulture, $"\n[{task.Place},{record.Row},{record.Repeat},{Verdict(record)},")
                .Append(settings.PlaceOf(Settings(prompt))).Append(',').AppendJson(prompt.Text[task.Start.Length..])
                .Append(',').AppendJson(record.Response).Append(',');
            _ = record.Answer is null ? json.Append("null") : json.AppendJson(record.Answer);
            json.Append(',').AppendJson(record.Gold)
                .Append(',').Append(record.Defect is { } defect ? defects.PlaceOf(Json(defect.What, defect.Lost)) : -1)
                .Append(CultureInfo.InvariantCulture, $",{record.PromptTokens},{record.ResponseTokens},{(record.IsCut ? 1 : 0)}")
                .Append(',').Append(versions.PlaceOf(Json(record.Version)))
                .Append(CultureInfo.InvariantCulture, $",{Math.Round(record.Seconds, 3):R},\"{record.Time.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}\"")
                // As a text: JavaScript's numbers end before seeds do.
                .Append(CultureInfo.InvariantCulture, $",\"{prompt.Seed}\",").AppendJson(prompt.Continuations).Append(']');
            comma = ",";
        }

        return json.Append("\n],\n\"tasks\":").AppendJson(tasks.Values.Select(task => task.Key))
            .Append(",\n\"starts\":").AppendJson(tasks.Values.Select(task => task.Start))
            .Append($",\n\"versions\":{versions},\n\"defects\":{defects},\n\"settings\":{settings}}}").ToString();
    }

    // The place of its name in items.js.
    private static int Verdict(ItemRecord record) => record switch
    {
        { Gold.IsEmpty: true } => 3,
        { IsRight: true } => 0,
        { Answer: null } => 2,
        _ => 1,
    };

    private static string Settings(Prompt prompt) => new StringBuilder("[").AppendJson(prompt.SystemMessage)
        .Append(CultureInfo.InvariantCulture, $",{(prompt.IsRaw ? 1 : 0)},{prompt.MaxTokens},{prompt.Temperature:R},")
        .AppendJson(prompt.Stops).Append(']').ToString();

    private static string Json(string text) => new StringBuilder().AppendJson(text).ToString();

    private static string Json(string text, double number) =>
        string.Create(CultureInfo.InvariantCulture, $"[{Json(text)},{number:R}]");

    private static string CommonStart(IEnumerable<ItemRecord> records)
    {
        var texts = records.Select(record => record.Prompt.Text).ToList();
        return texts[0][..texts.Min(text => text.AsSpan().CommonPrefixLength(texts[0]))];
    }

    /// <summary>Values that are written once and named by their places.</summary>
    private sealed class Shared
    {
        private readonly Dictionary<string, int> places = [];
        private readonly List<string> values = [];

        public int PlaceOf(string json)
        {
            if (places.TryAdd(json, values.Count))
            {
                values.Add(json);
            }

            return places[json];
        }

        public override string ToString() => $"[{string.Join(',', values)}]";
    }
}
