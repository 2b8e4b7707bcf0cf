using System.Text.Json.Nodes;
using Orca.Model.Tokenization;

namespace Orca.Model.Tests.Tokenization;

/// <summary>
/// Vocabularies in which nearly any two neighbours merge, in an order drawn by chance: so that ids tell wherever a text was cut.
/// </summary>
internal static class PairVocabulary
{
    /// <summary>Samples with everything that tokenizers treat in a way of its own.</summary>
    public static IReadOnlyList<string> Samples { get; } =
    [
        "hello world", " hello  world ", "Hello, WORLD!! don't we'll I'M", "a  b   c    d     e", "tabs\t\tand\nlines\r\n\r\n  end\n",
        "12 123 1234567 3.14 \u00bd \u2167 \u2464 \u0663\u0664",
        "caf\u00e9 cafe\u0301 \u1e9b\u0323 \ufb01 \u212b "
            + "\u0130I\u0131", "\u6f22\u5b57\u4eee\u540d\u3042\u3044\u30a2 \ud840\udc00x \ud835\udd38\ud835\udfd8 "
            + "\ud800\udf30", "\ud55c\uad6d\uc5b4 \u1112\u1161\u11ab", "\ud83e\udd99\ud83d\udc68\u200d\ud83d\udc69 "
            + "\u0e2a\u0e27\u0e31\u0e2a \u0410\u0431 \u05d0",
        "<|im_start|>user\nhello <|im_end|>\n<|im_start|>assistant\n", "<|im_start|>  spaced  <|im_end|>  ", "@@ x @@ y  @@",
        "cat catcat cat. concat _cat cat_ \u00e9cat", "Dog dog DOG hotdog", "<think>why</think> <tool_call>{\"a\": 1}</tool_call>",
        "x<s>y</s> <s> <unk>", "  <|im_end|>  <|im_end|>", "\u2581a \u2581\u2581b", "x_y-z +1 =2 $3 (a) [b] {c} ^ ` | ~",
        "aaaaaaa bbbb ababab", "a\u00a0b\u3000c\u2003d\u0085e", "", " ", "\n", "  \n  ",
    ];

    private static readonly string[] Words = ["hello", " world", "user", "assistant", "\u6f22\u5b57", "cafe"];

    /// <summary>Over bytes.</summary>
    public static JsonObject OfBytes(string preTokenizer, string? normalizer = null, string? added = null) => File(
        Enumerable.Range(0, 256).Select(value => ByteLevelText.CharacterOf((byte)value).ToString()),
        Samples.Concat(Words).Select(ByteLevelText.Write), preTokenizer, normalizer, added,
        """{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true}""", unknown: null);

    /// <summary>Over characters, with or without bytes to fall back on; some characters of the texts are not there.</summary>
    public static JsonObject OfCharacters(
        string preTokenizer, string? normalizer = null, string? added = null, int bytePieces = 256, bool fusesUnknown = true)
    {
        var characters = Enumerable.Range(32, 95).Select(value => ((char)value).ToString()).Append("\u2581").Append("\u00e9").Append("\n");
        var json = File(
            [.. Enumerable.Range(0, bytePieces).Select(value => $"<0x{value:X2}>"), .. characters],
            Samples.Concat(Words).Select(text => "\u2581" + text.Replace(' ', '\u2581')), preTokenizer, normalizer, added,
            """{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]}""", "<unk>");
        (json["model"]!["byte_fallback"], json["model"]!["fuse_unk"]) = (bytePieces > 0, fusesUnknown);
        return json;
    }

    private static JsonObject File(
        IEnumerable<string> first, IEnumerable<string> texts, string preTokenizer, string? normalizer,
        string? added, string decoder, string? unknown)
    {
        var vocabulary = new JsonObject();
        foreach (var piece in (string[])["<unk>", "<s>", "</s>", .. first])
        {
            vocabulary.TryAdd(piece, vocabulary.Count);
        }

        var pairs = texts.SelectMany(text => Enumerable.Range(0, Math.Max(text.Length - 1, 0)).Select(i => (text[i].ToString(), text[i + 1].ToString())))
            .Where(pair => vocabulary.ContainsKey(pair.Item1) && vocabulary.ContainsKey(pair.Item2)).Distinct().ToArray();
        new Random(17).Shuffle(pairs);
        foreach (var (left, right) in pairs)
        {
            vocabulary.TryAdd(left + right, vocabulary.Count);
        }

        return new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = Added(vocabulary, added),
            ["normalizer"] = normalizer is null ? null : JsonNode.Parse(normalizer),
            ["pre_tokenizer"] = JsonNode.Parse(preTokenizer),
            ["post_processor"] = JsonNode.Parse("""{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],"pair":[],"special_tokens":{"<s>":{"id":"<s>","ids":[1],"tokens":["<s>"]}}}"""),
            ["decoder"] = JsonNode.Parse(decoder),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["dropout"] = null,
                ["unk_token"] = unknown,
                ["continuing_subword_prefix"] = null,
                ["end_of_word_suffix"] = null,
                ["fuse_unk"] = false,
                ["byte_fallback"] = false,
                ["ignore_merges"] = false,
                ["vocab"] = vocabulary,
                ["merges"] = new JsonArray([.. pairs.Select(pair => (JsonNode)new JsonArray(pair.Item1, pair.Item2))]),
            },
        };
    }

    private static JsonArray Added(JsonObject vocabulary, string? added)
    {
        var next = vocabulary.Count;
        var all = (JsonArray)JsonNode.Parse("""[{"id":0,"content":"<unk>","special":true},{"id":1,"content":"<s>","special":true},{"id":2,"content":"</s>","special":true}]""")!;
        foreach (var token in JsonNode.Parse(added ?? "[]")!.AsArray())
        {
            var copy = token!.DeepClone();
            copy["id"] = vocabulary[copy["content"]!.GetValue<string>()]?.GetValue<int>() ?? next++;
            all.Add(copy);
        }

        foreach (var token in all)
        {
            foreach (var member in (string[])["single_word", "lstrip", "rstrip", "normalized", "special"])
            {
                token![member] ??= false;
            }
        }

        return all;
    }
}
