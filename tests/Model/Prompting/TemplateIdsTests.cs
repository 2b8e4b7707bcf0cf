using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orca.Model.Prompting;
using Orca.Model.Tests.Tokenization;
using Orca.Model.Tokenization;
using Orca.Tests.Shared;

namespace Orca.Model.Tests.Prompting;

/// <summary>
/// The ids of conversations as chat templates render them are those that Hugging Face's tokenizers, in Rust and in JavaScript, give
/// the same text, with the templates' markers added to the vocabulary.
/// </summary>
public class TemplateIdsTests
{
    private const string Legacy = """{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]}""";

    // Markers of the published templates and of those beside these tests, some of which take the spaces around them.
    private static readonly ImmutableArray<string> Markers =
    [
        "<|im_start|>", "<|im_end|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>",
        "<|begin_of_text|>", "<|user|>", "<|assistant|>",
        "<|system|>", "<|end|>", "<|endoftext|>", "<start_of_turn>", "<end_of_turn>", "<|start_of_role|>",
        "<|end_of_role|>", "<|end_of_text|>",
        "<|end_of_turn|>", "[INST]", "[/INST]", "<<SYS>>", "<tool_call>", "</tool_call>", "<tools>", "</tools>",
        "<|message|>", "<|channel|>", "<|start|>", "<|turn|>", "[TOOLS]", "[CALLS]",
    ];

    private static string Bytes => """{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}""";

    public static TheoryData<string> Names =>
        ["gpt2", "llama", "pairs of bytes", "pairs of characters", "pairs of characters, a space first"];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Rendered_conversations_have_the_ids_of_hugging_faces_tokenizers(string name)
    {
        var json = FileOf(name);
        var tokenizer = TinyTokenizers.OpenJson(
            json, ("tokenizer_config.json", """{"tokenizer_class":"PreTrainedTokenizerFast","bos_token":"<s>","eos_token":"</s>"}"""));
        var cases = Rendered(tokenizer).ToList();
        Assert.InRange(cases.Count, 500, 1_000);

        var theirs = await AskAsync(json, cases.Select(one => one.Text));

        foreach (var (i, mine) in cases.Index())
        {
            Assert.True(
                theirs.Rust[i].SequenceEqual(mine.Ids),
                $"{mine.Name}: '{mine.Text}' gives {string.Join(' ', mine.Ids)}, not {string.Join(' ', theirs.Rust[i])}");
            Assert.True(
                theirs.Javascript![i].SequenceEqual(mine.Ids),
                $"{mine.Name}: '{mine.Text}' gives {string.Join(' ', mine.Ids)}, not {string.Join(' ', theirs.Javascript[i])}");
        }
    }

    [Fact]
    public async Task A_sentence_piece_file_has_the_ids_of_hugging_faces_form_of_it()
    {
        var tokenizer = TokenizerFolder.Open(Path.GetDirectoryName(RealTokenizers.LlamaFile)!);
        var texts = Rendered(tokenizer).Select(one => one.Text).ToList();

        var theirs = await AskAsync(FileOf("llama", markers: []), texts);

        foreach (var (i, text) in texts.Index())
        {
            Assert.True(
                theirs.Rust[i].SequenceEqual(tokenizer.EncodeMarked(text, [])),
                $"'{text}' gives {string.Join(' ', tokenizer.EncodeMarked(text, []))}");
        }
    }

    // Templates alone write special tokens: what a message holds of them stays text, which is another matter.
    private static IEnumerable<(string Name, string Text, ImmutableArray<int> Ids)> Rendered(ITokenizer tokenizer) =>
        from template in TemplateCases.Published().Concat(TemplateCases.Written())
        let opened = TemplateCases.Open(template.Value)
        from JsonNode written in TemplateCases.Conversations()
        where !Markers.Append("</s>").Any(marker => written["messages"]!.ToJsonString(Plain).Contains(marker, StringComparison.Ordinal))
        let conversation = TemplateCases.ConversationOf(written)
        let text = TemplateCases.TryRender(() => opened.Render(conversation))
        where text is not null
        select ($"{template.Key}: {written["name"]}", text, opened.Prompt(tokenizer, conversation));

    private static JsonSerializerOptions Plain { get; } = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static JsonObject FileOf(string name, ImmutableArray<string>? markers = null)
    {
        var added = new JsonArray([.. (markers ?? Markers).Select((content, i) => (JsonNode)new JsonObject
        {
            ["content"] = content,
            ["special"] = i % 5 != 4,
            ["rstrip"] = i % 7 == 3,
            ["lstrip"] = i % 7 == 4,
        })]).ToJsonString();
        return name switch
        {
            "gpt2" => With(
                JsonNode.Parse(File.ReadAllText(SharedData.Require("tokenizers/gpt2_hf/tokenizer.json")))!.AsObject(), added, "<s>",
                "</s>"),
            "llama" => With(Converted(), added),
            "pairs of bytes" => PairVocabulary.OfBytes(Bytes, added: added),
            "pairs of characters" => PairVocabulary.OfCharacters("null", Legacy, added),
            _ => PairVocabulary.OfCharacters(
                """{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":false}""", added: added),
        };
    }

    private static JsonObject With(JsonObject json, string added, params string[] first)
    {
        var next = json["model"]!["vocab"]!.AsObject().Count;
        var tokens = json["added_tokens"]!.AsArray();
        next = Math.Max(next, 1 + tokens.Max(token => (int)token!["id"]!));
        foreach (var token in first.Select(content => (JsonNode)new JsonObject { ["content"] = content, ["special"] = true }).Concat(JsonNode.Parse(added)!.AsArray().OfType<JsonNode>()).ToList())
        {
            if (tokens.All(known => (string?)known!["content"] != (string?)token["content"]))
            {
                var copy = token.DeepClone();
                copy["id"] = next++;
                foreach (var member in (string[])["single_word", "lstrip", "rstrip", "normalized", "special"])
                {
                    copy[member] ??= false;
                }

                tokens.Add(copy);
            }
        }

        return json;
    }

    // As Hugging Face's transformers turns SentencePiece's file into its own: every way to put a piece together is a merge, the likeliest piece's first.
    private static JsonObject Converted()
    {
        var pieces = ((SentencePieceTokenizer)TokenizerFolder.Open(Path.GetDirectoryName(RealTokenizers.LlamaFile)!)).Model.Pieces;
        var ids = pieces.Index().ToDictionary(piece => piece.Item.Text, piece => piece.Index);
        var merges = from piece in pieces
                     where piece.Kind == PieceKind.Normal
                     from at in Enumerable.Range(1, Math.Max(piece.Text.Length - 1, 0))
                     let left = piece.Text[..at]
                     let right = piece.Text[at..]
                     where ids.ContainsKey(left) && ids.ContainsKey(right)
                     orderby piece.Score descending, ids[left], ids[right]
                     select (JsonNode)new JsonArray(left, right);
        var json = PairVocabulary.OfCharacters("null", Legacy);
        json["pre_tokenizer"] = null;
        json["model"]!["vocab"] = new JsonObject(ids.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
        json["model"]!["merges"] = new JsonArray([.. merges]);
        return json;
    }

    private static async Task<Answer> AskAsync(JsonObject json, IEnumerable<string> texts)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(
            folder["cases.json"],
            JsonSerializer.Serialize(new[] { new { tokenizer = json, config = new { bos_token = "<s>", eos_token = "</s>" }, texts } }));
        var answers = JsonSerializer.Deserialize<Answer[]>(
            await NodeScript.RunAsync("tokenizers.mjs", [folder["cases.json"]]), JsonSerializerOptions.Web)!;
        return Assert.Single(answers);
    }

    private sealed record Answer(int[][] Rust, int[][]? Javascript);
}
