using System.Collections.Immutable;
using System.Text.Json;
using Orca.Serving.Requests;

namespace Orca.Serving.OpenAi;

/// <summary>What a text completion continues.</summary>
internal static class CompletionPrompts
{
    /// <summary>Prompts of one call at most.</summary>
    public const int Most = 2_048;

    /// <summary>The prompts: a text, the tokens of one, or a list of these.</summary>
    /// <exception cref="GenerationException">One is none of these, or there are too many.</exception>
    public static ImmutableArray<PromptInput> Of(JsonElement? prompt) => prompt switch
    {
        null or { ValueKind: JsonValueKind.Null } => [PromptInput.StartToken],
        { ValueKind: JsonValueKind.Array } list when list.EnumerateArray().Any(IsPrompt) => list.GetArrayLength() <= Most
            ? [.. list.EnumerateArray().Select((one, i) => Of(one, $"prompt[{i}]"))]
            : throw GenerationException.Invalid(
                "prompt", $"holds {list.GetArrayLength()} prompts; at most {Most} are answered in one call"),
        { } one => [Of(one, "prompt")],
    };

    private static PromptInput Of(JsonElement prompt, string field) => prompt switch
    {
        { ValueKind: JsonValueKind.String } text => new PromptInput.PlainText(text.GetString()!),
        { ValueKind: JsonValueKind.Array } list when list.EnumerateArray().All(IsId) =>
            new PromptInput.Tokens([.. list.EnumerateArray().Select(id => id.GetInt32())]),
        _ => throw GenerationException.Invalid(field, "is neither a text nor a list of token ids"),
    };

    private static bool IsPrompt(JsonElement element) => element.ValueKind is JsonValueKind.String or JsonValueKind.Array;

    private static bool IsId(JsonElement element) => element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out _);
}
