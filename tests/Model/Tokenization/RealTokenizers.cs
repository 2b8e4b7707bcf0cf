using System.Text.Json;
using System.Text.Json.Nodes;
using Orca.Model.Tokenization;
using Orca.Tests.Shared;

namespace Orca.Model.Tests.Tokenization;

/// <summary>The tokenizers of published models, opened once; asking for one skips the test where the data is absent.</summary>
internal static class RealTokenizers
{
    private static readonly Lazy<ITokenizer> LlamaOnce = new(() => TokenizerFolder.OpenFile(LlamaFile));
    private static readonly Lazy<ITokenizer> Gpt2Once = new(() => TokenizerFolder.Open(SharedData.Require("tokenizers/gpt2_hf")));
    private static readonly Lazy<ITokenizer> LlamaJsonOnce = new(() => TinyTokenizers.OpenJson(LlamaAsJson()));

    public static string LlamaFile => SharedData.Require("tokenizers/llama/tokenizer.model");

    public static ITokenizer Llama => With("tokenizers/llama/tokenizer.model", LlamaOnce);

    public static ITokenizer Gpt2 => With("tokenizers/gpt2_hf", Gpt2Once);

    /// <summary>LLaMA's vocabulary through a <c>tokenizer.json</c> of the form that Hugging Face gives it: merges by rank.</summary>
    public static ITokenizer LlamaJson => With("tokenizers/llama/tokenizer.bin", LlamaJsonOnce);

    public static ITokenizer Named(string name) => name switch
    {
        "llama" => Llama,
        "llama-json" => LlamaJson,
        "llama2c" => TokenizerFolder.OpenFile(SharedData.Require("tokenizers/llama/tokenizer.bin")),
        "tok512" => TokenizerFolder.OpenFile(SharedData.Require("checkpoints/stories260K/tok512.bin")),
        "gpt2" => Gpt2,
        _ => throw new ArgumentException(name),
    };

    // Skips before the value is asked for: a skip within it would be kept as its fault.
    private static ITokenizer With(string data, Lazy<ITokenizer> once)
    {
        SharedData.Require(data);
        return once.Value;
    }

    // The file holds scores in the order of the merges: a piece can be made from any two pieces that it consists of.
    private static JsonObject LlamaAsJson()
    {
        using var file = new BinaryReader(File.OpenRead(SharedData.Require("tokenizers/llama/tokenizer.bin")));
        file.ReadInt32();
        var pieces = new List<(string Text, float Score)>();
        while (file.BaseStream.Position < file.BaseStream.Length)
        {
            var score = file.ReadSingle();
            pieces.Add((System.Text.Encoding.UTF8.GetString(file.ReadBytes(file.ReadInt32())).Trim('\n').Replace(' ', '\u2581'), score));
        }

        var ids = pieces.Index().Where(piece => piece.Index is 0 or > 2).ToDictionary(piece => piece.Item.Text, piece => piece.Index);
        var merges = new List<(string Left, string Right, int Id)>();
        foreach (var (text, id) in ids.Where(piece => piece.Value >= 259))
        {
            for (var cut = 1; cut < text.Length; cut++)
            {
                if (ids.ContainsKey(text[..cut]) && ids.ContainsKey(text[cut..]))
                {
                    merges.Add((text[..cut], text[cut..], id));
                }
            }
        }

        ids["<s>"] = 1;
        ids["</s>"] = 2;
        return new JsonObject
        {
            ["added_tokens"] = JsonNode.Parse("""[{"id":0,"content":"<unk>","special":true},{"id":1,"content":"<s>","special":true},{"id":2,"content":"</s>","special":true}]"""),
            ["normalizer"] = JsonNode.Parse("""{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]}"""),
            ["pre_tokenizer"] = null,
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["unk_token"] = "<unk>",
                ["fuse_unk"] = true,
                ["byte_fallback"] = true,
                ["vocab"] = JsonSerializer.SerializeToNode(ids),
                ["merges"] = JsonSerializer.SerializeToNode(merges.OrderByDescending(merge => pieces[merge.Id].Score).Select(merge => $"{merge.Left} {merge.Right}")),
            },
        };
    }
}
