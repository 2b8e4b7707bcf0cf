using System.Text;
using System.Text.Json;
using Orca.Model.Tokenization.Unicode;
using Orca.Tests.Shared;

namespace Orca.Model.Tests.Tokenization;

public class UnicodeFormTests
{
    [Theory]
    [InlineData("e\u0301", "\u00e9", "e\u0301", "\u00e9", "e\u0301")]
    [InlineData("\u1e9b\u0323", "\u1e9b\u0323", "\u017f\u0323\u0307", "\u1e69", "s\u0323\u0307")]
    [InlineData("\ufb01\u00bd", "\ufb01\u00bd", "\ufb01\u00bd", "fi1\u20442", "fi1\u20442")]
    [InlineData("\u1112\u1161\u11ab", "\ud55c", "\u1112\u1161\u11ab", "\ud55c", "\u1112\u1161\u11ab")]
    [InlineData("a\u0327\u0301\u0316", "\u00e1\u0327\u0316", "a\u0327\u0316\u0301", "\u00e1\u0327\u0316", "a\u0327\u0316\u0301")]
    [InlineData("\u212b\u0958", "\u00c5\u0915\u093c", "A\u030a\u0915\u093c", "\u00c5\u0915\u093c", "A\u030a\u0915\u093c")]
    [InlineData("plain", "plain", "plain", "plain", "plain")]
    public void The_four_forms_of_a_text(string text, string c, string d, string kc, string kd) =>
        Assert.Equal(
            (c, d, kc, kd), (UnicodeForm.C.Apply(text), UnicodeForm.D.Apply(text), UnicodeForm.KC.Apply(text), UnicodeForm.KD.Apply(text)));

    [Fact]
    public async Task Every_character_and_many_in_a_row_are_what_Node_makes_of_them()
    {
        var random = new Random(3);
        var codes = Enumerable.Range(1, 0x10FFFF).Where(Rune.IsValid).ToArray();
        var marks = UnicodeTable.Classes.Keys.Order().ToArray();
        var hard = UnicodeTable.Canonical.Keys.Concat(UnicodeTable.Compatible.Keys)
            .Concat(Enumerable.Range(0x1100, 0x100)).Order().ToArray();
        var rows = Enumerable.Range(0, 20_000).Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 8))
            .Select(_ => new Rune(random.Next(3) switch { 0 => marks[random.Next(marks.Length)], 1 => hard[random.Next(hard.Length)], _ => random.Next('a', 'z') }).ToString())));
        string[] texts = [.. codes.Chunk(64).Select(chunk => string.Join('x', chunk.Select(code => new Rune(code).ToString()))), .. rows];
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["texts.json"], JsonSerializer.Serialize(texts));
        using var answer = JsonDocument.Parse(await NodeScript.RunAsync("normalize.mjs", [folder["texts.json"]]));
        Assert.SkipUnless(
            answer.RootElement.GetProperty("unicode").GetString() == "17.0", "this Node has the tables of another version of Unicode");
        foreach (var (name, form) in new[] { ("NFC", UnicodeForm.C), ("NFD", UnicodeForm.D), ("NFKC", UnicodeForm.KC), ("NFKD", UnicodeForm.KD) })
        {
            Assert.All(
                texts.Zip(answer.RootElement.GetProperty(name).EnumerateArray()),
                pair => Assert.Equal(pair.Second.GetString(), form.Apply(pair.First)));
        }
    }
}
