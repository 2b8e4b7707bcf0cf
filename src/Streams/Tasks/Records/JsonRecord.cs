using System.Collections.Immutable;
using System.Text.Json;
using Orca.Streams.Answers;

namespace Orca.Streams.Tasks.Records;

/// <summary>What became of a record: a question, or one sentence on what is missing or cannot be used.</summary>
/// <param name="Query">The question; null where there is none.</param>
/// <param name="Fault">Why not; null where there is one.</param>
/// <param name="Read">The roles whose fields were read.</param>
internal readonly record struct RecordReading(TaskQuery? Query, string? Fault, ImmutableHashSet<FieldRole> Read);

/// <summary>Reads one JSON object in any of the forms that <see cref="JsonForm"/> names.</summary>
internal static class JsonRecord
{
    private static readonly ImmutableHashSet<FieldRole> OfAnyForm = [FieldRole.System, FieldRole.Collection, FieldRole.Task];

    private static readonly ImmutableHashSet<FieldRole> OfMessages = OfAnyForm.Add(FieldRole.Conversation);

    private static readonly ImmutableHashSet<FieldRole> OfTurnsInFields = OfAnyForm.Union([FieldRole.Question, FieldRole.Response]);

    private static readonly ImmutableHashSet<FieldRole> OfAnswered = OfTurnsInFields.Union(
        [FieldRole.Instruction, FieldRole.Context, FieldRole.Answer]);

    private static readonly ImmutableHashSet<FieldRole> OfExplained = OfAnswered.Add(FieldRole.Explanation);

    /// <summary>The question, or one sentence on what is missing or cannot be used.</summary>
    public static RecordReading Read(JsonElement record, RecordFields fields, string collection, string task)
    {
        if (record.ValueKind != JsonValueKind.Object)
        {
            return Faulty($"The record is a JSON {record.ValueKind.ToString().ToLowerInvariant()}; expected an object.");
        }

        if (fields.Find(record, FieldRole.History) is { ValueKind: JsonValueKind.Array } history && history.GetArrayLength() > 0)
        {
            return Faulty("The record has earlier turns in 'history', without which its question cannot be understood; leave it away where "
                + "it can.");
        }

        collection = Text(record, fields, FieldRole.Collection) ?? CollectionOf(Text(record, "id")) ?? collection;
        if (fields.Find(record, FieldRole.Conversation) is { } whole)
        {
            var messages = whole.ValueKind == JsonValueKind.Array ? whole.EnumerateArray().ToList() : [whole];
            return Conversation(record, messages, fields, collection, task) with { Read = OfMessages };
        }

        if (TurnsInFields(record, fields) is { } turns)
        {
            return Conversation(record, turns, fields, collection, task) with { Read = OfTurnsInFields };
        }

        return PromptOf(record, fields) is { } prompt
            ? Question(record, fields, prompt, collection, task)
            : Faulty($"The record has no text that is known to be a question in its fields {NamesIn(record)}.");
    }

    /// <summary>Whether a record has a field that is known to hold a question.</summary>
    public static bool IsKnown(JsonElement record, RecordFields fields) =>
        fields.Find(record, FieldRole.Question) is not null || fields.Find(record, FieldRole.Instruction) is not null
        || fields.Find(record, FieldRole.Conversation) is not null || TurnsInFields(record, fields) is not null
        || PromptOf(record, fields) is not null;

    /// <summary>A field's text, number or truth value without space around it; null where it has none.</summary>
    public static string? Text(JsonElement record, string name) => record.TryGetProperty(name, out var value) ? TextOf(value) : null;

    /// <summary>A text, a number or a truth value as text, without space around it; null for anything else, and for blanks.</summary>
    public static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String when !string.IsNullOrWhiteSpace(value.GetString()) => value.GetString()!.Trim(),
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "yes",
        JsonValueKind.False => "no",
        _ => null,
    };

    private static RecordReading Question(JsonElement record, RecordFields fields, string prompt, string collection, string task)
    {
        var golds = GoldsIn(record, fields);
        var response = Text(record, fields, FieldRole.Response);
        var explanation = Text(record, fields, FieldRole.Explanation);
        if (golds is [var one] && one.Split("####", 2) is [var way, { Length: > 0 } end])
        {
            // As GSM8K has them: the way, then the answer.
            (explanation, golds) = (explanation ?? way.Trim(), [end.Trim()]);
        }

        var gold = golds.FirstOrDefault();
        explanation = explanation is not null && gold is not null ? RecordedExplanation.Of(explanation, gold) : explanation;
        var query = new TaskQuery
        {
            Id = IdOf(record, prompt, collection, task),
            Collection = collection,
            Task = Text(record, fields, FieldRole.Task) ?? task,
            Prompt = prompt,
            GoldAnswers = golds,
            AnswerKind = AnswerForm.KindOf(prompt, golds),
            Explanation = response ?? explanation,
            SystemMessage = SystemOf(record, fields),
            Chance = gold is null ? null : AnswerForm.ChanceOf(prompt, gold),
        };
        return new RecordReading(query, null, response is null ? OfExplained : OfAnswered);
    }

    // From what ids have been made of ever since: what is read of a record besides asks no stored question again.
    private static string IdOf(JsonElement record, string prompt, string collection, string task) => TaskQuery.IdOf(
        collection, Text(record, "task") ?? task, prompt,
        record.TryGetProperty("answer", out var answer) && answer.ValueKind is JsonValueKind.String or JsonValueKind.Number
            ? TextOf(answer)
            : null);

    private static RecordReading Conversation(
        JsonElement record, List<JsonElement> messages, RecordFields fields, string collection, string task)
    {
        var (query, fault) = JsonConversation.Read(
            record, messages, SystemOf(record, fields), collection, Text(record, fields, FieldRole.Task) ?? task);
        return new RecordReading(query, fault, []);
    }

    // Messages where others have texts, as TRL has them.
    private static List<JsonElement>? TurnsInFields(JsonElement record, RecordFields fields)
    {
        var asked = fields.Find(record, FieldRole.Question);
        var answered = fields.Find(record, FieldRole.Response);
        return asked is { ValueKind: JsonValueKind.Array } || (asked is null && answered is { ValueKind: JsonValueKind.Array })
            ? [.. ElementsOf(asked), .. ElementsOf(answered)]
            : null;
    }

    private static IEnumerable<JsonElement> ElementsOf(JsonElement? list) =>
        list is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];

    // What is to be done comes first, then what with; a question comes after what it is about.
    private static string? PromptOf(JsonElement record, RecordFields fields)
    {
        var instruction = Text(record, fields, FieldRole.Instruction);
        var context = Text(record, fields, FieldRole.Context);
        var question = Text(record, fields, FieldRole.Question);

        // With nothing but an answer beside it, an input is the question.
        return instruction is null && question is null
            ? fields.Find(record, FieldRole.Response) is null ? null : Text(record, "input")
            : string.Join("\n\n", new[] { instruction, context, question }.OfType<string>());
    }

    private static ImmutableArray<string> GoldsIn(JsonElement record, RecordFields fields) => fields.Find(record, FieldRole.Answer) switch
    {
        { ValueKind: JsonValueKind.Array } several => [.. several.EnumerateArray().Select(TextOf).OfType<string>()],

        // As SQuAD has them.
        { ValueKind: JsonValueKind.Object } spans when spans.TryGetProperty("text", out var texts)
            && texts.ValueKind == JsonValueKind.Array => [.. texts.EnumerateArray().Select(TextOf).OfType<string>()],
        { } one when TextOf(one) is { } text => [text],
        _ => [],
    };

    // An empty system prompt is a choice of the record, no omission: OpenOrca has many.
    private static string? SystemOf(JsonElement record, RecordFields fields) =>
        fields.Find(record, FieldRole.System) is { ValueKind: JsonValueKind.String } system ? system.GetString() : null;

    /// <summary>The collection that OpenOrca's ids name by their beginning; null for none.</summary>
    public static string? CollectionOf(string? id) => id?.Split('.')[0] switch
    {
        "flan" => "flan2021",
        "niv" => "niv2",
        "t0" => "t0",
        "cot" => "cot",
        _ => null,
    };

    /// <summary>Names of a record's fields, for messages.</summary>
    public static string NamesIn(JsonElement record) =>
        string.Join(", ", record.EnumerateObject().Take(20).Select(field => $"'{field.Name}'"));

    private static string? Text(JsonElement record, RecordFields fields, FieldRole role) =>
        fields.Find(record, role) is { } value ? TextOf(value) : null;

    private static RecordReading Faulty(string fault) => new(null, fault, []);
}
