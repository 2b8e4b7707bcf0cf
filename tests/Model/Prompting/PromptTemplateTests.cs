using System.Text;
using Orca.Model.Embedded;
using Orca.Model.Prompting;
using Orca.Model.Tests.Tokenization;
using Orca.Model.Tokenization;

namespace Orca.Model.Tests.Prompting;

public class PromptTemplateTests
{
    private const string Marked = "Say </s> or <|user|> and <|im_end|>, <|assistant|>!";

    private static ITokenizer Student => EmbeddedStudent.Tokenizer;

    private static IEnumerable<(SectionTemplate Template, ITokenizer Tokenizer)> All =>
    [
        (PromptTemplates.Markers, Student), (PromptTemplates.Headings, Student), (PromptTemplates.Raw, Student),
        (PromptTemplates.ChatMl, WithSpecials("<|im_start|>", "<|im_end|>")),
        (PromptTemplates.Llama3, WithSpecials("<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>")),
    ];

    [Fact]
    public void The_embedded_student_spends_one_token_a_role()
    {
        var (system, user, assistant) = (Student.FindSpecial("<|system|>")!.Value, Student.FindSpecial("<|user|>")!.Value, Student.FindSpecial("<|assistant|>")!.Value);
        var template = PromptTemplates.For(Student);
        Assert.Equal(
            [system, .. Student.Encode("Answer only."), user, .. Student.Encode("Is it?"), assistant],
            template.Prompt(Student, "Answer only.", "Is it?"));
        Assert.Equal([user, .. Student.Encode("Is it?"), assistant], template.Prompt(Student, "", "Is it?"));
        Assert.Equal([.. Student.Encode("yes"), Student.EosId], template.Answer(Student, "yes"));
        Assert.Equal([Student.EosId], template.StopIds(Student));
    }

    [Fact]
    public void The_vocabulary_chooses_the_template()
    {
        Assert.All(All.Where(pair => pair.Template != PromptTemplates.Raw && pair.Template != PromptTemplates.Headings), pair =>
            Assert.Equal(pair.Template, PromptTemplate.For(pair.Tokenizer)));
        Assert.Equal(PromptTemplates.Headings, PromptTemplate.For(TinySentencePiece.With().Open()));
    }

    [Fact]
    public void ChatML_puts_its_text_between_its_tokens()
    {
        var tokenizer = WithSpecials("<|im_start|>", "<|im_end|>");
        var (start, end) = (tokenizer.FindSpecial("<|im_start|>")!.Value, tokenizer.FindSpecial("<|im_end|>")!.Value);
        Assert.Equal(
            [1, start, .. tokenizer.Encode("user\nHi"), end, .. tokenizer.Encode("\n"), start, .. tokenizer.Encode("assistant\n")],
            PromptTemplates.ChatMl.Prompt(tokenizer, "", "Hi"));
        Assert.Equal([end, tokenizer.EosId], PromptTemplates.ChatMl.StopIds(tokenizer));
        Assert.Equal(end, PromptTemplates.ChatMl.Answer(tokenizer, "Hello")[^1]);
    }

    [Fact]
    public void ChatML_closes_an_answer_as_it_closes_a_question()
    {
        var tokenizer = WithSpecials("<|im_start|>", "<|im_end|>");
        var (start, end) = (tokenizer.FindSpecial("<|im_start|>")!.Value, tokenizer.FindSpecial("<|im_end|>")!.Value);

        Assert.Equal(
            [
                1, start, .. tokenizer.Encode("user\nHi"), end, .. tokenizer.Encode("\n"), start, .. tokenizer.Encode("assistant\n"),
                .. tokenizer.Encode("Hello"), end, .. tokenizer.Encode("\n"),
                start, .. tokenizer.Encode("user\nBye"), end, .. tokenizer.Encode("\n"), start, .. tokenizer.Encode("assistant\n"),
            ],
            PromptTemplates.ChatMl.Prompt(tokenizer, "", [new Turn("Hi", "Hello")], "Bye"));
    }

    [Fact]
    public void Headings_are_one_text_after_the_start_token()
    {
        var prompt = PromptTemplates.Headings.Prompt(Student, "Be brief.", "Why?");
        Assert.Equal([1, .. Student.Encode("### System:\nBe brief.\n\n### User:\nWhy?\n\n### Assistant:\n")], prompt);
    }

    [Fact]
    public void Raw_is_the_start_token_and_the_text_and_its_answer_goes_on()
    {
        Assert.Equal([1], PromptTemplates.Raw.Prompt(Student, "", ""));
        var prompt = PromptTemplates.Raw.Prompt(Student, "", "Once upon");
        Assert.Equal([1, .. Student.Encode("Once upon")], prompt);
        Assert.Equal(" a time", Read(PromptTemplates.Raw, Student, prompt, Student.Encode("a time")));
        Assert.Equal("Once", Read(PromptTemplates.Raw, Student, [1], Student.Encode("Once")));
    }

    [Fact]
    public void A_users_text_gives_no_special_token() => Assert.All(All, pair =>
    {
        var (template, tokenizer) = pair;
        var specials = Enumerable.Range(0, tokenizer.VocabularySize).Where(id => id is 1 or 2 || IsSign(tokenizer, id)).ToHashSet();
        int SpecialsIn(string system, string user) => template.Prompt(tokenizer, system, user).Count(specials.Contains);
        Assert.Equal(SpecialsIn("plain", "plain"), SpecialsIn(Marked, Marked));
        Assert.Equal(1, template.Answer(tokenizer, Marked).Count(specials.Contains));
    });

    [Fact]
    public void What_is_trained_on_is_what_is_asked_and_read_back() => Assert.All(All, pair =>
    {
        var (template, tokenizer) = pair;
        foreach (var text in Texts.Random(seed: 6, count: 60))
        {
            var trained = template.Prompt(tokenizer, "Be kind.", text).AddRange(template.Answer(tokenizer, text));
            var asked = template.Prompt(tokenizer, "Be kind.", text);
            Assert.Equal(asked, trained[..asked.Length]);
            Assert.Contains(trained[^1], template.StopIds(tokenizer));
            Assert.Equal(
                template.Continues && text.Length > 0 ? " " + text : text, Read(template, tokenizer, asked, trained[asked.Length..^1]));
        }
    });

    [Fact]
    public void Templates_are_saved_and_read_with_their_hash() => TinyTokenizers.InFolder(folder =>
    {
        foreach (var (template, tokenizer) in All)
        {
            template.Save(folder);
            var again = PromptTemplate.Open(folder, tokenizer);
            Assert.Equal(template, again);
            Assert.Equal(template.Hash, again.Hash);
        }

        Assert.Equal(5, All.Select(pair => pair.Template.Hash).Distinct().Count());
        return 0;
    });

    [Fact]
    public void The_hash_of_a_template_never_changes()
    {
        Assert.Equal(
            """{"version":1,"begins_with_start_token":false,"system":[{"special":"<|system|>"},{"message":""}],"user":[{"special":"<|user|>"},{"message":""}],"opening":[{"special":"<|assistant|>"}],"end":null,"continues":false}""",
            PromptTemplates.Markers.ToJson());
        Assert.Equal("6c72f917237bbef8e15069df08f291b9155f1ff1ec4a9a57c173a92727f0323f", PromptTemplates.Markers.Hash);
    }

    [Theory]
    [InlineData("{", "it is not JSON")]
    [InlineData("{\"version\":1}", "a member is missing")]
    [InlineData("{\"version\":2}", "version 2")]
    [InlineData("{\"version\":\"1\"}", "wrong type")]
    [InlineData("{\"version\":1,\"begins_with_start_token\":true,\"system\":[{\"shout\":\"x\"}],\"user\":[],\"opening\":[],\"end\":null,\"continues\":false}", "wrong type")]
    public void A_malformed_template_gets_one_sentence(string text, string reason) => TinyTokenizers.InFolder(folder =>
    {
        File.WriteAllText(Path.Combine(folder, PromptTemplate.FileName), text);
        var fault = Assert.Throws<ModelFormatException>(() => PromptTemplate.Open(folder, Student));
        Assert.Contains(reason, fault.Message);
        Assert.Contains(PromptTemplate.FileName, fault.Message);
        return 0;
    });

    [Fact]
    public void A_template_for_another_vocabulary_is_refused() => TinyTokenizers.InFolder(folder =>
    {
        PromptTemplates.ChatMl.Save(folder);
        var fault = Assert.Throws<ModelFormatException>(() => PromptTemplate.Open(folder, Student));
        Assert.Contains("'<|im_start|>'", fault.Message);
        return 0;
    });

    private static bool IsSign(ITokenizer tokenizer, int id)
    {
        // A token behind a letter gives no text only if it is a sign, or the first byte of a character.
        var decoder = tokenizer.StartDecoding(tokenizer.Encode("a").AsSpan());
        return decoder.Push(id).Length == 0 && decoder.Flush().Length == 0;
    }

    private static string Read(SectionTemplate template, ITokenizer tokenizer, IEnumerable<int> prompt, IEnumerable<int> answer)
    {
        var decoder = template.StartAnswer(tokenizer, Conversation.Of("", ""), prompt.ToArray());
        return string.Concat(answer.Select(decoder.Push)) + decoder.Flush();
    }

    // The embedded vocabulary, its own markers renamed, with others added.
    private static ITokenizer WithSpecials(params string[] names) => TinyTokenizers.InFolder(folder =>
    {
        Student.Save(folder);
        var model = Path.Combine(folder, "tokenizer.model");
        File.WriteAllText(model, File.ReadAllText(model, Encoding.Latin1).Replace("<|system|>", "<|rename|>"), Encoding.Latin1);
        File.WriteAllText(
            Path.Combine(folder, "added_tokens.json"),
            "{" + string.Join(",", names.Index().Select(name => $"\"{name.Item}\":{2048 + name.Index}")) + "}");
        File.WriteAllText(
            Path.Combine(folder, "special_tokens_map.json"),
            "{\"additional_special_tokens\":[" + string.Join(",", names.Select(name => $"\"{name}\"")) + "]}");
        return TokenizerFolder.Open(folder);
    });
}
