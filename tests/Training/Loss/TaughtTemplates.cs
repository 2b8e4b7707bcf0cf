using System.Text.Json.Nodes;
using Orca.Model.Prompting;
using Orca.Model.Tokenization;

namespace Orca.Training.Tests.Loss;

/// <summary>Every prompt template that there is, each with a tokenizer that has its special tokens.</summary>
internal static class TaughtTemplates
{
    private const string Jinja =
        "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}{% endfor %}"
            + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

    private static readonly string[] Markers =
        ["<|im_start|>", "<|im_end|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|system|>", "<|user|>", "<|assistant|>"];

    private static readonly Lazy<ITokenizer> Bytes = new(() => InFolder(_ => { }, TokenizerFolder.Open));

    private static readonly Dictionary<string, Func<(PromptTemplate Template, ITokenizer Tokenizer)>> All = new()
    {
        ["markers"] = () => (PromptTemplates.Markers, Bytes.Value),
        ["ChatML"] = () => (PromptTemplates.ChatMl, Bytes.Value),
        ["LLaMA 3"] = () => (PromptTemplates.Llama3, Bytes.Value),
        ["headings"] = () => (PromptTemplates.Headings, Bytes.Value),
        ["raw"] = () => (PromptTemplates.Raw, Bytes.Value),
        ["Jinja"] = () => (InFolder(
            folder => File.WriteAllText(Path.Combine(folder, "chat_template.jinja"), Jinja),
            folder => PromptTemplate.Open(folder, Bytes.Value)), Bytes.Value),
        ["headings over SentencePiece"] = () => (PromptTemplates.Headings, Toy.Tokenizer),
        ["raw over SentencePiece"] = () => (PromptTemplates.Raw, Toy.Tokenizer),
    };

    public static TheoryData<string> Names => [.. All.Keys];

    public static (PromptTemplate Template, ITokenizer Tokenizer) Of(string name) => All[name]();

    private static T InFolder<T>(Action<string> fill, Func<string, T> open)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At("tokenizer.json"), ByteLevel().ToJsonString());
        File.WriteAllText(folder.At("tokenizer_config.json"), """{"bos_token":"<s>","eos_token":"</s>"}""");
        fill(folder.At("."));
        return open(folder.At("."));
    }

    // Single bytes and nothing else, then start, end and the markers of all templates.
    private static JsonObject ByteLevel()
    {
        var vocabulary = new JsonObject();
        var next = 256;
        for (var value = 0; value < 256; value++)
        {
            var visible = value is (>= 33 and <= 126) or (>= 161 and <= 172) or (>= 174 and <= 255);
            vocabulary[((char)(visible ? value : next++)).ToString()] = value;
        }

        var added = new[] { "<s>", "</s>" }.Concat(Markers).Select((content, index) =>
            new JsonObject { ["id"] = 256 + index, ["content"] = content, ["special"] = true });
        return new JsonObject
        {
            ["added_tokens"] = new JsonArray([.. added]),
            ["normalizer"] = null,
            ["pre_tokenizer"] = JsonNode.Parse("""{"type":"ByteLevel","add_prefix_space":false}"""),
            ["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = vocabulary, ["merges"] = new JsonArray() },
        };
    }
}
