using System.Text.Json;
using Orca.Streams.Answers;

namespace Orca.Streams.Tasks;

/// <summary>Reads one JSON object in any of the forms that <see cref="JsonLinesSource"/> names.</summary>
internal static class JsonRecord
{
    /// <summary>The question, or one sentence on what is missing.</summary>
    public static (TaskQuery? Query, string? Fault) Read(JsonElement record, string collection, string task)
    {
        if (record.ValueKind != JsonValueKind.Object)
        {
            return (null, $"The record is a JSON {record.ValueKind.ToString().ToLowerInvariant()}; expected an object.");
        }

        if (record.TryGetProperty("messages", out var messages))
        {
            return JsonConversation.Read(record, messages, collection, task);
        }

        var prompt = PromptOf(record);
        if (prompt is null)
        {
            return (null, "The record has no text in 'question', 'prompt', 'instruction' or 'messages'; expected one of them.");
        }

        var gold = Text(record, "answer");
        var response = Text(record, "response") ?? Text(record, "output");
        var explanation = Text(record, "explanation");
        if (explanation is not null && gold is not null)
        {
            explanation = RecordedExplanation.Of(explanation, gold);
        }

        collection = Text(record, "collection") ?? CollectionOf(Text(record, "id")) ?? collection;
        task = Text(record, "task") ?? task;
        return (new TaskQuery
        {
            Id = TaskQuery.IdOf(collection, task, prompt, gold),
            Collection = collection,
            Task = task,
            Prompt = prompt,
            GoldAnswers = gold is null ? [] : [gold],
            AnswerKind = gold is null || explanation is null ? AnswerKind.FreeText : AnswerForm.KindOf(gold),
            Explanation = response ?? explanation,
            SystemMessage = SystemOf(record),
            Chance = gold is null ? null : AnswerForm.ChanceOf(prompt, gold),
        }, null);
    }

    private static string? PromptOf(JsonElement record)
    {
        if ((Text(record, "question") ?? Text(record, "prompt")) is { } prompt)
        {
            return prompt;
        }

        var instruction = Text(record, "instruction");
        return instruction is not null && Text(record, "input") is { } input ? $"{instruction}\n\n{input}" : instruction;
    }

    // An empty system prompt is a choice of the record, no omission: OpenOrca has many.
    private static string? SystemOf(JsonElement record) =>
        record.TryGetProperty("system_prompt", out var system) && system.ValueKind == JsonValueKind.String ? system.GetString() : null;

    private static string? CollectionOf(string? id) => id?.Split('.')[0] switch
    {
        "flan" => "flan2021",
        "niv" => "niv2",
        "t0" => "t0",
        "cot" => "cot",
        _ => null,
    };

    /// <summary>A field's text or number without space around it; null where it has none.</summary>
    public static string? Text(JsonElement record, string name) =>
        record.TryGetProperty(name, out var value)
            ? value.ValueKind switch
            {
                JsonValueKind.String when !string.IsNullOrWhiteSpace(value.GetString()) => value.GetString()!.Trim(),
                JsonValueKind.Number => value.GetRawText(),
                _ => null,
            }
            : null;
}
