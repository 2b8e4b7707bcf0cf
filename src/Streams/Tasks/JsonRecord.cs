using System.Collections.Immutable;
using System.Text.Json;
using Orca.Streams.Answers;

namespace Orca.Streams.Tasks;

/// <summary>Reads one JSON object in any of the forms that <see cref="JsonLinesSource"/> names.</summary>
internal static class JsonRecord
{
    /// <summary>The question, or one sentence on what is missing or cannot be used.</summary>
    public static (TaskQuery? Query, string? Fault) Read(JsonElement record, RecordFields fields, string collection, string task)
    {
        if (record.ValueKind != JsonValueKind.Object)
        {
            return (null, $"The record is a JSON {record.ValueKind.ToString().ToLowerInvariant()}; expected an object.");
        }

        if (fields.Find(record, FieldRole.History) is { ValueKind: JsonValueKind.Array } history && history.GetArrayLength() > 0)
        {
            return (null, "The record has earlier turns in 'history', without which its question cannot be understood; give it as 'messages' "
                + "once conversations of several turns are asked, or leave it away.");
        }

        collection = Text(record, fields, FieldRole.Collection) ?? CollectionOf(Text(record, "id")) ?? collection;
        task = Text(record, fields, FieldRole.Task) ?? task;
        if (ConversationIn(record, fields) is { } messages)
        {
            return JsonConversation.Read(record, messages, SystemOf(record, fields), collection, task);
        }

        return PromptOf(record, fields) is { } prompt
            ? (Query(record, fields, prompt, collection, task), null)
            : (null, $"The record has no text that is known to be a question in its fields {FoundIn(record)}.");
    }

    /// <summary>Whether a record has a field that is known to hold a question.</summary>
    public static bool IsKnown(JsonElement record, RecordFields fields) =>
        fields.Find(record, FieldRole.Question) is not null || fields.Find(record, FieldRole.Instruction) is not null
        || fields.Find(record, FieldRole.Conversation) is not null || ConversationIn(record, fields) is not null
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

    private static TaskQuery Query(JsonElement record, RecordFields fields, string prompt, string collection, string task)
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
        return new TaskQuery
        {
            Id = TaskQuery.IdOf(collection, task, prompt, gold),
            Collection = collection,
            Task = task,
            Prompt = prompt,
            GoldAnswers = golds,
            AnswerKind = gold is null || !AnswerForm.IsShort(gold) ? AnswerKind.FreeText : AnswerForm.KindOf(gold),
            Explanation = response ?? explanation,
            SystemMessage = SystemOf(record, fields),
            Chance = gold is null ? null : AnswerForm.ChanceOf(prompt, gold),
        };
    }

    // Messages under their own name; or, as TRL has them, where others have texts.
    private static List<JsonElement>? ConversationIn(JsonElement record, RecordFields fields)
    {
        if (fields.Find(record, FieldRole.Conversation) is { } whole)
        {
            return whole.ValueKind == JsonValueKind.Array ? [.. whole.EnumerateArray()] : [whole];
        }

        var asked = fields.Find(record, FieldRole.Question);
        var answered = fields.Find(record, FieldRole.Response);
        return asked is { ValueKind: JsonValueKind.Array } || (asked is null && answered is { ValueKind: JsonValueKind.Array })
            ? [.. ElementsOf(asked), .. ElementsOf(answered)]
            : null;
    }

    private static IEnumerable<JsonElement> ElementsOf(JsonElement? list) =>
        list is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];

    private static string? PromptOf(JsonElement record, RecordFields fields)
    {
        var (question, context) = (Text(record, fields, FieldRole.Question), Text(record, fields, FieldRole.Context));
        if (question is not null)
        {
            return context is null ? question : $"{context}\n\n{question}";
        }

        var instruction = Text(record, fields, FieldRole.Instruction);
        return instruction is not null && context is not null ? $"{instruction}\n\n{context}"
            : instruction ?? (Text(record, "input") is { } input && fields.Find(record, FieldRole.Response) is not null ? input : null);
    }

    private static ImmutableArray<string> GoldsIn(JsonElement record, RecordFields fields) => fields.Find(record, FieldRole.Answer) switch
    {
        { ValueKind: JsonValueKind.Array } several => [.. several.EnumerateArray().Select(TextOf).OfType<string>()],
        { } one when TextOf(one) is { } text => [text],
        _ => [],
    };

    // An empty system prompt is a choice of the record, no omission: OpenOrca has many.
    private static string? SystemOf(JsonElement record, RecordFields fields) =>
        fields.Find(record, FieldRole.System) is { ValueKind: JsonValueKind.String } system ? system.GetString() : null;

    private static string? CollectionOf(string? id) => id?.Split('.')[0] switch
    {
        "flan" => "flan2021",
        "niv" => "niv2",
        "t0" => "t0",
        "cot" => "cot",
        _ => null,
    };

    private static string FoundIn(JsonElement record) =>
        string.Join(", ", record.EnumerateObject().Take(12).Select(field => $"'{field.Name}'"));

    private static string? Text(JsonElement record, RecordFields fields, FieldRole role) =>
        fields.Find(record, role) is { } value ? TextOf(value) : null;
}
