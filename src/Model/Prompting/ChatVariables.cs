using System.Text.Json;
using System.Text.RegularExpressions;
using Orca.Model.Prompting.Jinja.Values;

namespace Orca.Model.Prompting;

/// <summary>
/// A conversation as variables of a chat template, named and shaped as Hugging Face's transformers has them. All its texts are
/// literal, but for roles, which are plain words and become parts of special tokens in some templates.
/// </summary>
internal static partial class ChatVariables
{
    private static readonly string[] Reserved = ["messages", "tools", "add_generation_prompt", "raise_exception", "strftime_now",
        "namespace",
        "range",
        "dict"];

    /// <summary>The variables.</summary>
    /// <exception cref="PromptException">
    /// A role is no plain word, an argument has a name of another variable, or a call's arguments are no JSON.
    /// </exception>
    public static IEnumerable<KeyValuePair<string, JinjaValue>> Of(Conversation conversation, bool addGenerationPrompt)
    {
        yield return new("messages", new ListValue([.. conversation.Messages.Select(Message)]));
        yield return new("tools", conversation.Tools is { } tools ? JsonValues.Of(tools) : NoneValue.Instance);
        yield return new("documents", NoneValue.Instance);
        yield return new("add_generation_prompt", BooleanValue.Of(addGenerationPrompt));
        foreach (var (name, value) in conversation.Arguments)
        {
            yield return Reserved.Contains(name)
                ? throw new PromptException($"come with the template argument '{name}', which is not the caller's to set")
                : new(name, JsonValues.Of(value));
        }
    }

    private static DictionaryValue Message(Message message, int place)
    {
        if (!PlainWord().IsMatch(message.Role))
        {
            throw new PromptException($"have a role at {place} that is no plain word of at most 64 letters");
        }

        var members = new List<KeyValuePair<JinjaValue, JinjaValue>>();
        Add("role", new TextValue(message.Role));
        Add("content", message.Content is { } content ? JsonValues.Text(content) : NoneValue.Instance);
        AddText("name", message.Name);
        AddText("tool_call_id", message.ToolCallId);
        AddText("reasoning_content", message.ReasoningContent);
        if (message.ToolCalls is { } calls)
        {
            Add("tool_calls", Calls(calls, place));
        }

        return new DictionaryValue(members);

        void Add(string name, JinjaValue value) => members.Add(new(new TextValue(name), value));

        void AddText(string name, string? text)
        {
            if (text is not null)
            {
                Add(name, JsonValues.Text(text));
            }
        }
    }

    private static JinjaValue Calls(JsonElement calls, int place) => calls.ValueKind != JsonValueKind.Array
        ? JsonValues.Of(calls)
        : new ListValue([.. calls.EnumerateArray().Select(call => Replaced(
            call, "function", function => Replaced(function, "arguments", arguments => ArgumentsOf(arguments, place))))]);

    // OpenAI's form has the arguments of a call as a text; templates expect what the text says.
    private static JinjaValue ArgumentsOf(JsonElement arguments, int place)
    {
        if (arguments.ValueKind != JsonValueKind.String)
        {
            return JsonValues.Of(arguments);
        }

        var text = arguments.GetString()!;
        try
        {
            using var json = JsonDocument.Parse(text.Length > 0 ? text : "{}");
            return JsonValues.Of(json.RootElement);
        }
        catch (JsonException)
        {
            throw new PromptException($"have a call of a tool at {place} whose arguments are no JSON");
        }
    }

    private static JinjaValue Replaced(JsonElement json, string member, Func<JsonElement, JinjaValue> value) =>
        json.ValueKind != JsonValueKind.Object
        ? JsonValues.Of(json)
        : new DictionaryValue(json.EnumerateObject().Select(one => KeyValuePair.Create<JinjaValue, JinjaValue>(
            JsonValues.Text(one.Name), one.NameEquals(member) ? value(one.Value) : JsonValues.Of(one.Value))));

    [GeneratedRegex(@"\A[A-Za-z0-9_.-]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex PlainWord();
}
