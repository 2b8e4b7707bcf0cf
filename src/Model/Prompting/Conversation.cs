using System.Collections.Immutable;
using System.Text.Json;

namespace Orca.Model.Prompting;

/// <summary>What a prompt template lays out: messages, and what else is known when the student is asked.</summary>
public sealed record Conversation
{
    /// <summary>The messages, in order.</summary>
    public required ImmutableArray<Message> Messages { get; init; }

    /// <summary>A list of descriptions of the tools that may be called, in OpenAI's form; null for none.</summary>
    public JsonElement? Tools { get; init; }

    /// <summary>Further variables of the template by name, such as <c>enable_thinking</c>.</summary>
    public ImmutableDictionary<string, JsonElement> Arguments { get; init; } = ImmutableDictionary<string, JsonElement>.Empty;

    /// <summary>Whether the prompt ends with what opens the student's answer.</summary>
    public bool AddGenerationPrompt { get; init; } = true;

    /// <summary>Whether the student goes on with the last message, which is its own beginning, rather than opening an answer.</summary>
    public bool ContinueFinalMessage { get; init; }

    /// <summary>Characters of all its texts.</summary>
    public long Characters => (Tools?.GetRawText().Length ?? 0)
        + Messages.Sum(message => (message.Content?.Length ?? 0L) + (message.ReasoningContent?.Length ?? 0) + (message.ToolCalls?.GetRawText().Length ?? 0));

    /// <summary>One question.</summary>
    /// <param name="systemMessage">Says how to answer; empty for none.</param>
    /// <param name="user">The question.</param>
    public static Conversation Of(string systemMessage, string user) => Of(systemMessage, [], user);

    /// <summary>A question after others.</summary>
    /// <param name="systemMessage">Says how to answer; empty for none.</param>
    /// <param name="earlier">Questions and their answers, oldest first.</param>
    /// <param name="user">The question.</param>
    public static Conversation Of(string systemMessage, ImmutableArray<Turn> earlier, string user) => new()
    {
        Messages =
        [
            .. systemMessage.Length > 0 ? [new Message("system", systemMessage)] : Array.Empty<Message>(),
            .. earlier.SelectMany(turn => new[] { new Message("user", turn.User), new Message("assistant", turn.Assistant) }),
            new Message("user", user),
        ],
    };
}
