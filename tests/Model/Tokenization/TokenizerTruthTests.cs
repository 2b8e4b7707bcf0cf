using System.Text.Json;
using System.Text.Json.Nodes;
using Orca.Model.Tokenization;
using Orca.Tests.Shared;
using static Orca.Model.Tests.Tokenization.PairVocabulary;

namespace Orca.Model.Tests.Tokenization;

/// <summary>Hugging Face's own tokenizers, in Rust and in JavaScript, give the same ids and texts.</summary>
public class TokenizerTruthTests
{
    private const string Marked = """
        [{"content":"<|im_start|>","special":true,"rstrip":true},{"content":"<|im_end|>","special":true},{"content":"<think>"},{"content":"</think>"},
         {"content":"<tool_call>"},{"content":"    "},{"content":"  "},{"content":"@@","lstrip":true,"rstrip":true},{"content":"cat","single_word":true},{"content":"dog","normalized":true}]
        """;

    private const string WholeText = """{"type":"Metaspace","replacement":"▁","prepend_scheme":"never","split":false}""";
    private const string Bytes = """{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}""";
    private const string Legacy = """{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]}""";

    private static readonly Dictionary<string, JsonObject> Cases = AllCases();

    private static readonly Lazy<Task<Dictionary<string, Answer>>> Answers = new(AskAsync);

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_tokenizer_gives_the_ids_and_texts_of_Hugging_Face(string name)
    {
        var answer = (await Answers.Value)[name];
        var tokenizer = TinyTokenizers.OpenJson(
            Cases[name],
            ("tokenizer_config.json", """{"tokenizer_class":"PreTrainedTokenizerFast","bos_token":"<s>","eos_token":"</s>"}"""));
        for (var i = 0; i < Samples.Count; i++)
        {
            var ids = tokenizer.EncodeMarked(Samples[i], []);
            Assert.True(
                answer.Rust[i].SequenceEqual(ids), $"'{Samples[i]}' gives {Named(tokenizer, ids)}, not {Named(tokenizer, answer.Rust[i])}");
            Assert.Equal(answer.Started[i], tokenizer.StartIds.AddRange(ids));
            Assert.Equal(answer.Texts[i], tokenizer.Decode(ids));
        }

        // The one in JavaScript knows fewer ways to split than the one in Rust: on plain words they agree otherwise.
        if (answer.Javascript is { } javascript && !name.StartsWith("split ", StringComparison.Ordinal))
        {
            Assert.Equal(javascript[0], tokenizer.EncodeMarked(Samples[0], []));
        }
    }

    private static string Named(ITokenizer tokenizer, IEnumerable<int> ids) =>
        string.Join(
            ' ', ids.Select(id => $"{id}:{tokenizer.NameOfSpecial(id) ?? System.Text.Encoding.UTF8.GetString(tokenizer.BytesOf(id))}"));

    private static Dictionary<string, JsonObject> AllCases()
    {
        var cases = new Dictionary<string, JsonObject>
        {
            ["bytes with added tokens"] = OfBytes(Bytes, added: Marked),
            ["bytes with a space before"] = OfBytes(
                """{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true}""", added: Marked),
            ["prepend and replace"] = OfCharacters("null", Legacy, Marked),
            ["characters without bytes"] = OfCharacters("null", Legacy, Marked, bytePieces: 0),
            ["characters without bytes, unknown ones apart"] = OfCharacters("null", Legacy, Marked, bytePieces: 0, fusesUnknown: false),
            ["byte fallback without byte pieces"] = WithFallback(OfCharacters("null", Legacy, Marked, bytePieces: 0)),
        };
        foreach (var scheme in (string[])["first", "always", "never"])
        {
            foreach (var split in (string[])["true", "false"])
            {
                cases[$"metaspace {scheme} {split}"] = OfCharacters(
                    $$"""{"type":"Metaspace","replacement":"▁","prepend_scheme":"{{scheme}}","split":{{split}}}""", added: Marked);
            }
        }

        foreach (var normalizer in (string[])["""{"type":"NFC"}""", """{"type":"NFD"}""", """{"type":"NFKC"}""", """{"type":"NFKD"}""", """{"type":"Lowercase"}""", """{"type":"StripAccents"}""",
            """{"type":"Strip","strip_left":true,"strip_right":true}""", """{"type":"Strip","strip_left":true,"strip_right":false}""",
            """{"type":"Replace","pattern":{"Regex":" {2,}"},"content":"▁$0"}""",
            """{"type":"Replace","pattern":{"String":"l"},"content":"L"}""", """{"type":"Prepend","prepend":"hello"}""",
            """{"type":"Sequence","normalizers":[{"type":"NFD"},{"type":"StripAccents"},{"type":"Lowercase"}]}"""])
        {
            cases[normalizer] = OfBytes(Bytes, normalizer, Marked);
        }

        foreach (var pattern in Patterns())
        {
            cases[pattern] = OfBytes(
                Sequence(
                    $$"""{"type":"Split","pattern":{"Regex":{{JsonSerializer.Serialize(pattern)}}},"behavior":"Isolated","invert":false}""",
                    Bytes.Replace("\"use_regex\":true", "\"use_regex\":false", StringComparison.Ordinal)),
                added: Marked);
        }

        foreach (var behavior in Enum.GetNames<SplitBehavior>())
        {
            foreach (var inverts in (string[])["true", "false"])
            {
                cases[$"split {behavior} {inverts}"] = OfCharacters(Sequence(
                    $$"""{"type":"Split","pattern":{"Regex":"[aeiou ]"},"behavior":"{{behavior}}","invert":{{inverts}}}""", WholeText));
                cases[$"split at a text {behavior} {inverts}"] = OfCharacters(Sequence(
                    $$"""{"type":"Split","pattern":{"String":"l"},"behavior":"{{behavior}}","invert":{{inverts}}}""", WholeText));
            }

            cases[$"punctuation {behavior}"] = OfCharacters(Sequence($$"""{"type":"Punctuation","behavior":"{{behavior}}"}""", WholeText));
        }

        foreach (var step in (string[])["""{"type":"Whitespace"}""", """{"type":"WhitespaceSplit"}""", """{"type":"BertPreTokenizer"}""", """{"type":"Digits","individual_digits":true}""",
            """{"type":"Digits","individual_digits":false}""", """{"type":"CharDelimiterSplit","delimiter":"l"}"""])
        {
            cases[step] = OfCharacters(Sequence(step, WholeText));
        }

        cases["digits behind bytes"] = OfBytes(Sequence("""{"type":"Punctuation","behavior":"Contiguous"}""", Bytes, """{"type":"Digits","individual_digits":false}""",
            """{"type":"Split","pattern":{"Regex":"[0-9][0-9][0-9]"},"behavior":"Isolated","invert":false}"""), added: Marked);
        return cases;
    }

    private static string[] Patterns() =>
    [
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        @"[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s",
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        @"[\p{Han}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+|\p{N}{1,3}|\s+",
        "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+", "[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+", @"\p{Han}+|[^\p{Han}]+", @"\w+|\W",
        @"\bc|t\b|\Bo", "^ ?.|.$", @"(?>a+|ab)b?", "[[:alpha:]]{2,}?", "(?i)[A-H]+|(?i:[^i-z])",
        "[\\x{10000}-\\x{1FFFF}x]", "(?:a+)+$", @"(?<=a)b|(?<!a)b|[^\S\n]+",
        @"\p{Latin}+|\p{Hiragana}+|\p{Katakana}+|\p{Cyrillic}+|\p{Hangul}+",
        @"\p{^L}+", "a{2}b{,2}|[]a-]+", "x*",
    ];

    private static string Sequence(params string[] steps) => $$"""{"type":"Sequence","pretokenizers":[{{string.Join(',', steps)}}]}""";

    private static JsonObject WithFallback(JsonObject json)
    {
        json["model"]!["byte_fallback"] = true;
        return json;
    }

    private static async Task<Dictionary<string, Answer>> AskAsync()
    {
        var asked = Cases.Values.Select(json => new { tokenizer = json, config = new { bos_token = "<s>", eos_token = "</s>" }, texts = Samples });
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["cases.json"], JsonSerializer.Serialize(asked));
        var answers = JsonSerializer.Deserialize<Answer[]>(
            await NodeScript.RunAsync("tokenizers.mjs", [folder["cases.json"]]), JsonSerializerOptions.Web)!;
        return Cases.Keys.Zip(answers).ToDictionary(pair => pair.First, pair => pair.Second);
    }

    private sealed record Answer(int[][] Rust, int[][] Started, int[][]? Javascript, string? Fault, string[] Texts);
}
