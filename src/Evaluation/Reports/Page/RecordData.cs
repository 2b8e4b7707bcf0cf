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
    // Chromium opens 21 MB of such elements in 0.65 to 0.9 s of its processor, of one element in 1.0 to 1.6 s: docs/results.md.
    private const int ElementLength = 65_536;

    /// <summary>Records in their order, as elements that hold data.</summary>
    public static string Of(ImmutableArray<ItemRecord> records)
    {
        var (versions, defects, settings) = (new Shared(), new Shared(), new Shared());
        var tasks = records.GroupBy(record => record.Task).Select((task, place) => new Asked(task.Key, place, CommonStart(task)))
            .ToDictionary(task => task.Name);
        var (html, begun) = (new StringBuilder(), -1);
        foreach (var record in records)
        {
            if (begun < 0 || html.Length - begun > ElementLength)
            {
                html.Append(begun < 0 ? "" : "\n]</script>\n").Append("<script type=\"application/json\" class=\"records\">[\n");
                begun = html.Length;
            }
            else
            {
                html.Append(",\n");
            }

            Append(html, record, tasks[record.Task], versions, defects, settings);
        }

        return html.Append(begun < 0 ? "" : "\n]</script>\n").Append("<script type=\"application/json\" id=\"shared\">{\"tasks\":")
            .AppendJson(tasks.Values.Select(task => task.Name)).Append(",\n\"starts\":").AppendJson(tasks.Values.Select(task => task.Start))
            .Append($",\n\"versions\":{versions},\n\"defects\":{defects},\n\"settings\":{settings}}}</script>").ToString();
    }

    private static void Append(StringBuilder html, ItemRecord record, Asked task, Shared versions, Shared defects, Shared settings)
    {
        var prompt = record.Prompt;
        html.Append(CultureInfo.InvariantCulture, $"[{task.Place},{record.Row},{record.Repeat},{Verdict(record)},")
            .Append(settings.PlaceOf(Settings(prompt))).Append(',').AppendJson(prompt.Text[task.Start.Length..])
            .Append(',').AppendJson(record.Response).Append(',');
        _ = record.Answer is null ? html.Append("null") : html.AppendJson(record.Answer);
        html.Append(',').AppendJson(record.Gold)
            .Append(',').Append(record.Defect is { } defect ? defects.PlaceOf(Json(defect.What, defect.Lost)) : -1)
            .Append(CultureInfo.InvariantCulture, $",{record.PromptTokens},{record.ResponseTokens},{(record.IsCut ? 1 : 0)}")
            .Append(',').Append(versions.PlaceOf(Json(record.Version)))
            .Append(CultureInfo.InvariantCulture, $",{Math.Round(record.Seconds, 3):R},\"{record.Time.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}\"")
            // As a text: JavaScript's numbers end before seeds do.
            .Append(CultureInfo.InvariantCulture, $",\"{prompt.Seed}\",").AppendJson(prompt.Continuations).Append(']');
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

    /// <summary>A task and what all its prompts begin with.</summary>
    private sealed record Asked(string Name, int Place, string Start);

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
