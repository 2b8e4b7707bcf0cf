using System.Text.Encodings.Web;
using System.Text.Json;
using Orca.Model.Tokenization;

namespace Orca.Serving.Tests.Students;

/// <summary>
/// The simplest vocabulary: a token for each byte, so that every character beyond ASCII is split, and the markers of a prompt.
/// </summary>
internal static class Bytes
{
    public const int Start = 256;
    public const int End = 257;
    public const int Assistant = 260;
    public const int VocabularySize = 261;

    private static readonly string[] Signs = ["<s>", "</s>", "<|system|>", "<|user|>", "<|assistant|>"];

    /// <summary>Writes the tokenizer's files into a folder.</summary>
    public static void Save(string folder)
    {
        var vocabulary = Enumerable.Range(0, 256).ToDictionary(value => $"{SignOf((byte)value)}", value => value);
        var added = Signs.Select((sign, i) => new { id = 256 + i, content = sign, special = true });
        var json = new
        {
            added_tokens = added,
            pre_tokenizer = new { type = "ByteLevel", add_prefix_space = false, use_regex = true },
            post_processor = new
            {
                type = "TemplateProcessing",
                single = new object[]
                {
                    new { SpecialToken = new { id = Signs[0], type_id = 0 } },
                    new { Sequence = new { id = "A", type_id = 0 } },
                },
                special_tokens = new Dictionary<string, object>
                {
                    [Signs[0]] = new { id = Signs[0], ids = new[] { Start }, tokens = new[] { Signs[0] } },
                },
            },
            decoder = new { type = "ByteLevel" },
            model = new { type = "BPE", vocab = vocabulary, merges = Array.Empty<string>() },
        };
        var options = new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), JsonSerializer.Serialize(json, options));
    }

    /// <summary>The tokenizer.</summary>
    public static ITokenizer Open()
    {
        using var folder = new TemporaryFolder();
        Save(folder.Path);
        return TokenizerFolder.Open(folder.Path);
    }

    // GPT-2's alphabet: printable bytes stand for themselves, the others for characters from 256 on.
    private static char SignOf(byte value)
    {
        var isPrintable = value is >= 33 and <= 126 or >= 161 and not 173;
        var rank = Enumerable.Range(0, value).Count(b => b is not (>= 33 and <= 126 or >= 161 and not 173));
        return isPrintable ? (char)value : (char)(256 + rank);
    }
}

/// <summary>A folder that lasts as long as a test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("orca-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
