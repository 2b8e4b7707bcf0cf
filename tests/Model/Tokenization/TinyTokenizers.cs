using System.Text.Json.Nodes;
using Orca.Model.Tokenization;

namespace Orca.Model.Tests.Tokenization;

/// <summary>Small tokenizers made in the test, and a folder to open them from.</summary>
internal static class TinyTokenizers
{
    /// <summary>Runs with a new folder, and removes it.</summary>
    public static T InFolder<T>(Func<string, T> use)
    {
        var folder = Directory.CreateTempSubdirectory("orca-tokenizer-").FullName;
        try
        {
            return use(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Opens a <c>tokenizer.json</c>, with other files beside it.</summary>
    public static ITokenizer OpenJson(JsonNode json, params (string Name, string Text)[] beside) => InFolder(folder =>
    {
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), json.ToJsonString());
        foreach (var (name, text) in beside)
        {
            File.WriteAllText(Path.Combine(folder, name), text);
        }

        return TokenizerFolder.Open(folder);
    });

    /// <summary>
    /// A vocabulary of single bytes and nothing else, in byte-level form; ids are the bytes', and "&lt;eos&gt;" is 256.
    /// </summary>
    public static JsonObject ByteLevel(string preTokenizer = """{"type":"ByteLevel","add_prefix_space":false}""")
    {
        var vocabulary = new JsonObject();
        var next = 256;
        for (var value = 0; value < 256; value++)
        {
            var visible = value is (>= 33 and <= 126) or (>= 161 and <= 172) or (>= 174 and <= 255);
            vocabulary[((char)(visible ? value : next++)).ToString()] = value;
        }

        return new JsonObject
        {
            ["added_tokens"] = JsonNode.Parse("""[{"id":256,"content":"<eos>","special":true}]"""),
            ["normalizer"] = null,
            ["pre_tokenizer"] = JsonNode.Parse(preTokenizer),
            ["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = vocabulary, ["merges"] = new JsonArray() },
        };
    }

    public const string EndsWithEos = """{"eos_token":"<eos>"}""";
}
