using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orca.Tests.Shared;

namespace Orca.Model.Tests.Prompting;

/// <summary>
/// Conversations rendered by chat templates: the same text as Hugging Face's own engine in JavaScript writes, or both refuse. Where
/// that engine is known to differ from Python's, which is right, nothing here goes: it strips white space whatever lstrip is told
/// to strip, has no text of an object, trims U+FEFF, and keeps line breaks of two characters.
/// </summary>
public sealed class TemplateTruthTests
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public async Task Templates_with_the_constructs_of_published_ones_give_the_text_of_hugging_faces_engine()
    {
        var templates = TemplateCases.Written();
        Assert.Equal(9, templates.Count);
        await RendersAsHuggingFace(templates, leastRendered: 120);
    }

    [Fact]
    public async Task Published_templates_laid_out_and_flat_give_the_text_of_hugging_faces_engine()
    {
        var templates = TemplateCases.Published();
        Assert.Equal(34, templates.Count);
        await RendersAsHuggingFace(templates, leastRendered: 400);
    }

    private static async Task RendersAsHuggingFace(Dictionary<string, string> templates, int leastRendered)
    {
        var cases = (from template in templates from conversation in TemplateCases.Conversations() select (Template: template, Conversation: conversation)).ToList();
        using var folder = new TemporaryFolder();
        var asked = cases.Select(one => new JsonObject { ["template"] = one.Template.Value, ["variables"] = TemplateCases.Variables(one.Conversation) });
        await File.WriteAllTextAsync(folder["cases.json"], new JsonArray([.. asked]).ToJsonString(Plain));

        var theirs = JsonNode.Parse(await NodeScript.RunAsync("templates.mjs", [folder["cases.json"]]))!.AsArray();

        Assert.Equal(cases.Count, theirs.Count);
        var opened = templates.ToDictionary(template => template.Key, template => TemplateCases.Open(template.Value));
        var rendered = 0;
        foreach (var (mine, their) in cases.Zip(theirs))
        {
            var conversation = TemplateCases.ConversationOf(mine.Conversation);
            var text = TemplateCases.TryRender(() => opened[mine.Template.Key].Render(conversation));
            Assert.True(text == (string?)their!["text"], $"{mine.Template.Key}: {mine.Conversation["name"]}: '{text}' is not '{their}'");
            rendered += text is null ? 0 : 1;
        }

        Assert.InRange(rendered, leastRendered, cases.Count);
    }
}
