using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Orca.Tests.Shared;

namespace Orca.Model.Tests.Tokenization;

/// <summary>Texts to encode: random ones that are hard on purpose, and real ones.</summary>
internal static class Texts
{
    private static readonly string[] Parts =
    [
        "the", " answer", " is", "True", " 42", "3.14", "\n", "\n\n", "\t", " ", "  ", "     ", "!!!", "......", "]})>", "'ll", "Don't",
        "\u00e9", "\u00df", "\u0416\u0438\u0437\u043d\u044c", "\u4eca\u65e5\u306f", "\u4e16\u754c",
        "\ud55c\uad6d\uc5b4", "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35",
        "\ud83e\udd99", "\ud83d\udc68\u200d\ud83d\udc69\u200d\ud83d\udc67", "\ud83c\uddeb\ud83c\uddf7", "\ud835\udd38", "\ud840\udc00",
        "e\u0301", "\u200b", "\ufffd", "\u0000", "</s>", "<|im_end|>", "<0x0A>",
    ];

    /// <summary>Texts that any tokenizer must give back as they are.</summary>
    public static IEnumerable<string> Random(int seed, int count)
    {
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
        {
            yield return string.Concat(Enumerable.Range(0, random.Next(0, 30)).Select(_ => Parts[random.Next(Parts.Length)]));
        }
    }

    /// <summary>Every definition, input and output of Natural Instructions.</summary>
    public static IEnumerable<string> OfNaturalInstructions() =>
        Directory.EnumerateFiles(SharedData.Require("natural_instructions/tasks"), "*.json").Order().SelectMany(OfTask);

    private static IEnumerable<string> OfTask(string file)
    {
        // Python writes NaN where JSON has null.
        using var json = JsonDocument.Parse(Regex.Replace(File.ReadAllText(file, Encoding.UTF8), @"(?<=[:\[,]\s*)NaN", "null"));
        var task = json.RootElement.Clone();
        var instances = task.GetProperty("Instances").EnumerateArray();
        return Strings(task.GetProperty("Definition"))
            .Concat(instances.SelectMany(instance => Strings(instance.GetProperty("input")).Concat(Strings(instance.GetProperty("output")))));
    }

    private static IEnumerable<string> Strings(JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? element.EnumerateArray().SelectMany(Strings) : [element.GetString()!];
}
