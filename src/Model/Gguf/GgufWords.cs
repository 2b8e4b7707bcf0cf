using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace Orca.Model.Gguf;

/// <summary>
/// How a text is cut into words, by the names that a GGUF file gives it by (<c>tokenizer.ggml.pre</c>), in the form of
/// <c>tokenizer.json</c>. The patterns are those that the models' own tokenizers are published with.
/// </summary>
internal static class GgufWords
{
    private const string Llama3 =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private const string Qwen2 =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private const string Tekken =
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
        + @"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private const string DeepSeek3 =
        @"[!""#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private static readonly FrozenDictionary<string, Words> ByName = All().ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The names that are known.</summary>
    public static IEnumerable<string> Names => ByName.Keys.Order(StringComparer.Ordinal);

    /// <summary>The words of a name; null where it is not known.</summary>
    public static Words? Named(string name) => ByName.GetValueOrDefault(name);

    private static Dictionary<string, Words> All()
    {
        var byName = new Dictionary<string, Words>(StringComparer.Ordinal);
        Add(new Words(Split(Llama3)) { TakesWholeWords = true, AddsStart = true }, "llama3", "llama-v3", "llama-bpe");
        Add(new Words(Split(Qwen2)), "qwen2", "deepseek-r1-qwen", "stablelm2", "megrez");
        Add(new Words(Split(Tekken)) { TakesWholeWords = true, AddsStart = true }, "tekken");
        Add(new Words(ByteLevel(usesPattern: true)), "gpt-2", "phi-2", "mpt", "olmo");
        Add(new Words(Digits(), ByteLevel(usesPattern: true)), "smollm", "starcoder", "refact", "command-r", "codeshell");
        Add(
            new Words(
                Isolated(@"[\r\n]"), Isolated(@"\s?\p{L}+"), Isolated(@"\s?\p{P}+"), Isolated("[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+"),
                Digits(),
                ByteLevel(usesPattern: false)),
            "deepseek-coder");
        Add(
            new Words(
                Isolated(@"\p{N}{1,3}"), Isolated("[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+"), Isolated(DeepSeek3),
                ByteLevel(usesPattern: false)),
            "deepseek-v3");
        Add(new Words(
            Isolated(@"[\p{P}\$\+<=>\^~\|]+"), Isolated(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)"),
            Isolated(@"\p{N}+"), Isolated("[0-9][0-9][0-9]"), ByteLevel(usesPattern: false)), "default");
        return byName;

        void Add(Words words, params string[] names)
        {
            foreach (var name in names)
            {
                byName.Add(name, words);
            }
        }
    }

    private static JsonObject[] Split(string pattern) => [Isolated(pattern), ByteLevel(usesPattern: false)];

    private static JsonObject Isolated(string pattern) =>
        new() { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = pattern }, ["behavior"] = "Isolated", ["invert"] = false };

    private static JsonObject Digits() => new() { ["type"] = "Digits", ["individual_digits"] = true };

    private static JsonObject ByteLevel(bool usesPattern) =>
        new() { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = true, ["use_regex"] = usesPattern };

    /// <summary>How texts are cut, and what else goes by the same name.</summary>
    /// <param name="steps">The steps, one after the other.</param>
    internal sealed class Words(params JsonObject[] steps)
    {
        /// <summary>Whether a word that is a piece itself is taken whole, whatever the merges say.</summary>
        public bool TakesWholeWords { get; init; }

        /// <summary>Whether a text begins with the start token where the file does not say.</summary>
        public bool AddsStart { get; init; }

        /// <summary>The <c>pre_tokenizer</c>.</summary>
        public JsonObject ToJson() =>
            new() { ["type"] = "Sequence", ["pretokenizers"] = new JsonArray([.. steps.Select(step => step.DeepClone())]) };
    }
}
