using System.Text.Json;
using Orca.Model.Checkpoints;
using Orca.Model.Gguf;
using Orca.Model.Prompting;
using Orca.Model.Tests.Checkpoints;
using Orca.Model.Tests.Network;
using Orca.Model.Weights;
using static TorchSharp.torch;

namespace Orca.Model.Tests.Gguf;

public sealed class GgufChatTemplateTests : IDisposable
{
    private const string Own = "{% for m in messages %}{{ bos_token + m.role + ' ' + m.content + eos_token }}{% endfor %}{% if "
        + "add_generation_prompt %}{{ 'a' }}{% endif %}";

    private static readonly Conversation Asked = Conversation.Of("ab", [new Turn("b a", "ab</s>")], "a<s>b");

    private readonly TemporaryFolder folder = new();

    [Fact]
    public void A_model_as_folder_and_as_file_has_one_template_and_the_same_prompts()
    {
        var source = Foreign();
        Directory.CreateDirectory(Path.Combine(source, "additional_chat_templates"));
        File.WriteAllText(Path.Combine(source, "additional_chat_templates", "tool_use.jinja"), "{{ tools | tojson }}");
        using var wanted = Checkpoint.Open(source);
        GgufExport.Write(wanted, folder["a.gguf"], WeightEncoding.F32);

        using var found = Checkpoint.Open(folder["a.gguf"]);

        Assert.Equal(("default, tool_use", "tokenizer.chat_template"), (found.Template.Name, found.Template.Source));
        Assert.Equal(wanted.Template.Hash, found.Template.Hash);
        Assert.Equal(wanted.Template.Prompt(wanted.Tokenizer, Asked), found.Template.Prompt(found.Tokenizer, Asked));
        Assert.Equal(wanted.Template.StopIds(wanted.Tokenizer), found.Template.StopIds(found.Tokenizer));
        var withTools = Asked with { Tools = JsonDocument.Parse("[{\"a\": 1}]").RootElement.Clone() };
        Assert.Equal("[{\"a\": 1}]", ((ChatTemplate)found.Template).Render(withTools));
    }

    [Theory]
    [MemberData(nameof(BuiltIn))]
    public void A_template_of_Orcas_own_is_written_in_Jinja_and_gives_the_same_text(string name)
    {
        var template = Templates[name];
        using var file = new TemporaryFolder();
        File.WriteAllText(file["chat_template.jinja"], SectionTemplateJinja.Write(template));
        var tokenizer = ToyTokenizer.Open();
        var chat = (ChatTemplate)PromptTemplate.Open(file.Path, tokenizer);
        string Section(System.Collections.Immutable.ImmutableArray<TemplatePart> parts, string message) =>
            string.Concat(parts.Select(part => part.Kind == TemplatePartKind.Message ? message : part.Value));

        var (start, end) = (template.BeginsWithStartToken ? tokenizer.NameOfSpecial(1)! : "", template.End ?? tokenizer.NameOfSpecial(2)!);
        Assert.Equal(
            start + Section(template.System, "S'\\") + Section(template.User, "Q") + Section(template.Opening, "") + "A" + end
                + Section(template.AfterAnswer, "") + Section(template.User, "Q\n2") + Section(template.Opening, ""),
            chat.Render(Conversation.Of("S'\\", [new Turn("Q", "A")], "Q\n2")));
        Assert.Equal(start + Section(template.User, "Q") + Section(template.Opening, ""), chat.Render(Conversation.Of("", "Q")));
    }

    [Fact]
    public void A_published_checkpoint_keeps_the_template_its_student_brought()
    {
        using var student = Checkpoint.Open(Foreign());

        var published = Published(draft => draft with { Step = 2, Template = student.Template, Tokenizer = student.Tokenizer });

        using var checkpoint = Checkpoint.Open(published);
        Assert.Equal(Own, File.ReadAllText(Path.Combine(published, "chat_template.jinja")));
        Assert.False(File.Exists(Path.Combine(published, "prompt_template.json")));
        Assert.Equal(
            (student.Template.Hash, "'default' of chat_template.jinja"), (checkpoint.Manifest!.TemplateHash, checkpoint.Manifest.Template));
        Assert.Equal(student.Template.Prompt(student.Tokenizer, Asked), checkpoint.Template.Prompt(checkpoint.Tokenizer, Asked));

        File.WriteAllText(Path.Combine(published, "chat_template.jinja"), "another");
        Assert.Throws<ModelFormatException>(() => Checkpoint.Open(published).Dispose());
    }

    [Fact]
    public void A_copy_of_a_checkpoint_takes_all_its_templates_along()
    {
        var source = Foreign();
        Directory.CreateDirectory(Path.Combine(source, "additional_chat_templates"));
        File.WriteAllText(Path.Combine(source, "additional_chat_templates", "tool_use.jinja"), "x");
        using var model = Checkpoint.Open(source);

        var copy = CheckpointCopy.Publish(source, folder["copies"], 5, DateTimeOffset.UnixEpoch);

        using var copied = Checkpoint.Open(copy);
        Assert.Equal(model.Template.Hash, copied.Template.Hash);
        File.WriteAllText(Path.Combine(copy, "additional_chat_templates", "tool_use.jinja"), "y");
        Assert.Contains("tool_use.jinja", Assert.Throws<ModelFormatException>(() => Checkpoint.Open(copy).Dispose()).Message);
    }

    public static TheoryData<string> BuiltIn => [.. Templates.Keys];

    public void Dispose() => folder.Dispose();

    private static Dictionary<string, SectionTemplate> Templates => new()
    {
        ["markers"] = PromptTemplates.Markers,
        ["chatml"] = PromptTemplates.ChatMl,
        ["llama3"] = PromptTemplates.Llama3,
        ["headings"] = PromptTemplates.Headings,
    };

    // A model's folder that is not of Orca's making, with a chat template.
    private string Foreign()
    {
        var source = Published(draft => draft);
        File.Delete(Path.Combine(source, "prompt_template.json"));
        File.Delete(Path.Combine(source, "orca.json"));
        File.WriteAllText(Path.Combine(source, "chat_template.jinja"), Own);
        return source;
    }

    private string Published(Func<CheckpointDraft, CheckpointDraft> change)
    {
        using var model = new ToyModel(TinyGguf.Config, seed: 1);
        return CheckpointPublisher.Publish(folder["root"], change(Drafts.Of(model, 1) with { WeightType = ScalarType.Float32 }));
    }
}
