using System.Text.Json;

namespace Orca.Model.Prompting;

/// <summary>One message of a conversation.</summary>
/// <param name="Role">Who speaks: a plain word, most often <c>system</c>, <c>user</c>, <c>assistant</c> or <c>tool</c>.</param>
/// <param name="Content">What is said; null for a message that only calls tools.</param>
public sealed record Message(string Role, string? Content)
{
    /// <summary>The speaker's name, or the tool's whose result this is; null for none.</summary>
    public string? Name { get; init; }

    /// <summary>A list of the calls of tools that this message makes, in OpenAI's form; null for none.</summary>
    public JsonElement? ToolCalls { get; init; }

    /// <summary>Id of the call whose result this is; null for none.</summary>
    public string? ToolCallId { get; init; }

    /// <summary>What the assistant thought before it answered; null for nothing.</summary>
    public string? ReasoningContent { get; init; }
}
