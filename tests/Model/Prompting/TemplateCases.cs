using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orca.Model.Embedded;
using Orca.Model.Prompting;
using Orca.Tests.Shared;

namespace Orca.Model.Tests.Prompting;

/// <summary>Chat templates, and conversations to render by them: as the product takes them, and as Hugging Face's engines do.</summary>
internal static class TemplateCases
{
    /// <summary>Templates with the constructs of published ones, by name.</summary>
    public static Dictionary<string, string> Written() =>
        Directory.GetFiles(Here("templates"), "*.jinja").Order(StringComparer.Ordinal)
            .ToDictionary(path => Path.GetFileName(path)!, File.ReadAllText);

    /// <summary>Published templates by name, each as it is laid out and, as models ship them, without indents and line breaks.</summary>
    public static Dictionary<string, string> Published() =>
        Directory.GetFiles(SharedData.Require("chat_templates"), "*.jinja").Order(StringComparer.Ordinal)
        .SelectMany(path => new[] { (Name: Path.GetFileName(path), Text: Read(path)), (Name: Path.GetFileName(path) + ", flat", Text: Flat(path)) })
        .ToDictionary(template => template.Name, template => template.Text);

    /// <summary>The conversations, as they are written down.</summary>
    public static IReadOnlyList<JsonNode> Conversations() =>
        [.. JsonNode.Parse(File.ReadAllText(Here("templates", "conversations.json")))!.AsArray().OfType<JsonNode>()];

    /// <summary>A template, whose start and end tokens are those of the LLaMA family.</summary>
    public static ChatTemplate Open(string template)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["chat_template.jinja"], template);
        File.WriteAllText(folder["tokenizer_config.json"], """{"bos_token":"<s>","eos_token":"</s>"}""");
        return Assert.IsType<ChatTemplate>(PromptTemplate.Open(folder.Path, EmbeddedStudent.Tokenizer));
    }

    /// <summary>What the product makes of a conversation by a template; null where it is refused.</summary>
    public static T? TryRender<T>(Func<T> render)
    {
        try
        {
            return render();
        }
        catch (PromptException)
        {
            return default;
        }
    }

    /// <summary>A conversation as the product takes it.</summary>
    public static Conversation ConversationOf(JsonNode conversation) => new()
    {
        Messages = [.. conversation["messages"]!.AsArray().Select(message => new Message((string)message!["role"]!, (string?)message["content"])
        {
            Name = (string?)message["name"],
            ToolCalls = message["tool_calls"] is { } calls ? JsonSerializer.SerializeToElement(calls) : null,
            ToolCallId = (string?)message["tool_call_id"],
            ReasoningContent = (string?)message["reasoning_content"],
        })],
        Tools = conversation["tools"] is null ? null : JsonSerializer.SerializeToElement(Tools(conversation)),
        Arguments = (conversation["arguments"]?.AsObject() ?? []).ToImmutableDictionary(
            argument => argument.Key, argument => JsonSerializer.SerializeToElement(argument.Value)),
        AddGenerationPrompt = AddsGenerationPrompt(conversation),
    };

    /// <summary>A conversation as Hugging Face's transformers names what is in it.</summary>
    public static JsonObject Variables(JsonNode conversation)
    {
        var variables = new JsonObject
        {
            ["messages"] = conversation["messages"]!.DeepClone(),
            ["tools"] = conversation["tools"] is null ? null : Tools(conversation),
            ["documents"] = null,
            ["add_generation_prompt"] = AddsGenerationPrompt(conversation),
            ["bos_token"] = "<s>",
            ["eos_token"] = "</s>",
        };
        foreach (var (name, value) in conversation["arguments"]?.AsObject() ?? [])
        {
            variables[name] = value?.DeepClone();
        }

        return variables;
    }

    private static bool AddsGenerationPrompt(JsonNode conversation) => (bool?)conversation["add_generation_prompt"] ?? true;

    private static JsonNode? Tools(JsonNode conversation) =>
        JsonNode.Parse(File.ReadAllText(Here("templates", "tools.json")))![(string)conversation["tools"]!]!.DeepClone();

    private static string Flat(string path) =>
        Read(path).Replace("    ", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal);

    private static string Read(string path) => File.ReadAllText(path).Replace("\r\n", "\n", StringComparison.Ordinal);

    private static string Here(params string[] names) => Path.Combine([Path.GetDirectoryName(ThisFile())!, .. names]);

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
