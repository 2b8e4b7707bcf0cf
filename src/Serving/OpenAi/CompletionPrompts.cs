using System.Text.Json;
using Orca.Serving.Requests;

namespace Orca.Serving.OpenAi;

/// <summary>What a text completion continues.</summary>
internal static class CompletionPrompts
{
    /// <summary>The prompt: a text, the tokens of one, or a list of one of these.</summary>
    /// <exception cref="GenerationException">It is none of these, or several.</exception>
    public static PromptInput Of(JsonElement? prompt) => prompt switch
    {
        null or { ValueKind: JsonValueKind.Null } => PromptInput.StartToken,
        { ValueKind: JsonValueKind.String } text => new PromptInput.PlainText(text.GetString()!),
        { ValueKind: JsonValueKind.Array } list when list.GetArrayLength() == 1 && list[0].ValueKind is JsonValueKind.String or JsonValueKind.Array => Of(list[0]),
        { ValueKind: JsonValueKind.Array } list when list.EnumerateArray().All(IsId) => new PromptInput.Tokens([.. list.EnumerateArray().Select(id => id.GetInt32())]),
        { ValueKind: JsonValueKind.Array } list => throw GenerationException.Invalid("prompt", $"holds {list.GetArrayLength()} prompts; put one in a request"),
        _ => throw GenerationException.Invalid("prompt", "is neither a text nor a list of token ids"),
    };

    private static bool IsId(JsonElement element) => element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out _);
}
