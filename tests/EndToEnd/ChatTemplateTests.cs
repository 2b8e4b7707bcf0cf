using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orca.Model.Embedded;
using Orca.Model.Prompting;
using Orca.Tests.Shared;

namespace Orca.EndToEnd.Tests;

/// <summary>
/// Conversations rendered by chat templates: the same text as Hugging Face's own engine in JavaScript writes, or both refuse. Where
/// that engine is known to differ from Python's, which is right, nothing here goes: it strips white space whatever lstrip is told
/// to strip, has no text of an object, trims U+FEFF, and keeps line breaks of two characters.
/// </summary>
public sealed class ChatTemplateTests
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public async Task Templates_with_the_constructs_of_published_ones_give_the_text_of_hugging_faces_engine()
    {
        var templates = Directory.GetFiles(Here("templates"), "*.jinja").Order(StringComparer.Ordinal).ToDictionary(path => Path.GetFileName(path)!, File.ReadAllText);
        Assert.Equal(9, templates.Count);
        await RendersAsHuggingFace(templates, leastRendered: 120);
    }

    [Fact]
    public async Task Published_templates_laid_out_and_flat_give_the_text_of_hugging_faces_engine()
    {
        var templates = Directory.GetFiles(SharedData.Require("chat_templates"), "*.jinja").Order(StringComparer.Ordinal)
            .SelectMany(path => new[] { (Name: Path.GetFileName(path), Text: Read(path)), (Name: Path.GetFileName(path) + ", flat", Text: Flat(path)) })
            .ToDictionary(template => template.Name, template => template.Text);
        Assert.Equal(34, templates.Count);
        await RendersAsHuggingFace(templates, leastRendered: 400);
    }

    private static async Task RendersAsHuggingFace(Dictionary<string, string> templates, int leastRendered)
    {
        var conversations = JsonNode.Parse(await File.ReadAllTextAsync(Here("templates", "conversations.json")))!.AsArray();
        var cases = (from template in templates from conversation in conversations select (Name: $"{template.Key}: {conversation["name"]}", template.Value, Conversation: conversation)).ToList();
        using var folder = new TestFolder();
        var file = Path.Combine(folder.Path, "cases.json");
        await File.WriteAllTextAsync(file, new JsonArray([.. cases.Select(one => new JsonObject { ["template"] = one.Value, ["variables"] = Variables(one.Conversation) })]).ToJsonString(Plain));

        var theirs = JsonNode.Parse(await NodeScript.RunAsync("templates.mjs", [file]))!.AsArray();

        Assert.Equal(cases.Count, theirs.Count);
        var opened = templates.ToDictionary(template => template.Value, template => Open(template.Value));
        var rendered = 0;
        foreach (var (mine, their) in cases.Zip(theirs))
        {
            var text = Render(opened[mine.Value], ConversationOf(mine.Conversation));
            Assert.True(text == (string?)their!["text"], $"{mine.Name}: '{text}' is not '{their}'");
            rendered += text is null ? 0 : 1;
        }

        Assert.InRange(rendered, leastRendered, cases.Count);
    }

    private static string? Render(ChatTemplate template, Conversation conversation)
    {
        try
        {
            return template.Render(conversation);
        }
        catch (PromptException)
        {
            return null;
        }
    }

    private static ChatTemplate Open(string template)
    {
        using var folder = new TestFolder();
        File.WriteAllText(Path.Combine(folder.Path, "chat_template.jinja"), template);
        File.WriteAllText(Path.Combine(folder.Path, "tokenizer_config.json"), """{"bos_token":"<s>","eos_token":"</s>"}""");
        return Assert.IsType<ChatTemplate>(PromptTemplate.Open(folder.Path, EmbeddedStudent.Tokenizer));
    }

    private static Conversation ConversationOf(JsonNode conversation) => new()
    {
        Messages = [.. conversation["messages"]!.AsArray().Select(message => new Message((string)message!["role"]!, (string?)message["content"])
        {
            Name = (string?)message["name"],
            ToolCalls = message["tool_calls"] is { } calls ? JsonSerializer.SerializeToElement(calls) : null,
            ToolCallId = (string?)message["tool_call_id"],
            ReasoningContent = (string?)message["reasoning_content"],
        })],
        Tools = conversation["tools"] is null ? null : JsonSerializer.SerializeToElement(Tools(conversation)),
        Arguments = (conversation["arguments"]?.AsObject() ?? []).ToImmutableDictionary(argument => argument.Key, argument => JsonSerializer.SerializeToElement(argument.Value)),
        AddGenerationPrompt = AddsGenerationPrompt(conversation),
    };

    // As Hugging Face's transformers names them.
    private static JsonObject Variables(JsonNode conversation)
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

    // As models ship them: without indents and line breaks.
    private static string Flat(string path) =>
        Read(path).Replace("    ", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal);

    private static string Read(string path) => File.ReadAllText(path).Replace("\r\n", "\n", StringComparison.Ordinal);

    private static string Here(params string[] names) => Path.Combine([Path.GetDirectoryName(ThisFile())!, .. names]);

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
