using System.Text.Json;
using Orca.Model.Gguf;
using Orca.Model.Tests.Tokenization;
using Orca.Model.Tokenization;
using Orca.Tests.Shared;

namespace Orca.Model.Tests.Gguf;

public sealed class GgufTokenizerTests : IDisposable
{
    private const string Text = "Once upon a time,\n\n  there wasn't a 12,345 <s> — «Grüße» 👩‍🚀\tend.  ";

    private readonly TemporaryFolder folder = new();

    [Fact]
    public void A_vocabulary_of_SentencePiece_encodes_as_from_its_own_file()
    {
        var wanted = (SentencePieceTokenizer)RealTokenizers.Llama;
        var found = Read(writer =>
        {
            writer.Add("tokenizer.ggml.model", "llama");
            writer.Add("tokenizer.ggml.tokens", [.. wanted.Model.Pieces.Select(piece => piece.Text)]);
            writer.Add("tokenizer.ggml.scores", [.. wanted.Model.Pieces.Select(piece => piece.Score)]);
            writer.Add("tokenizer.ggml.token_type", [.. wanted.Model.Pieces.Select(piece => (int)piece.Kind)]);
        });
        AssertSame(wanted, found);
        Assert.Equal(1, found.FindSpecial("<s>"));
        AssertSavedSame(found);
    }

    [Fact]
    public void A_byte_level_vocabulary_encodes_as_from_its_own_files()
    {
        var wanted = RealTokenizers.Gpt2;
        var source = Path.Combine(SharedData.Require("tokenizers/gpt2_hf"), "tokenizer.json");
        using var json = JsonDocument.Parse(File.ReadAllBytes(source));
        var model = json.RootElement.GetProperty("model");
        var pieces = model.GetProperty("vocab").EnumerateObject().OrderBy(piece => piece.Value.GetInt32()).Select(piece => piece.Name).ToList();
        var found = Read(writer =>
        {
            writer.Add("tokenizer.ggml.model", "gpt2");
            writer.Add("tokenizer.ggml.pre", "gpt-2");
            writer.Add("tokenizer.ggml.tokens", pieces);
            writer.Add("tokenizer.ggml.token_type", [.. pieces.Select(piece => piece == "<|endoftext|>" ? 3 : 1)]);
            writer.Add("tokenizer.ggml.merges", [.. model.GetProperty("merges").EnumerateArray().Select(Merge)]);
            writer.Add("tokenizer.ggml.eos_token_id", 50256u);
        });
        AssertSame(wanted, found);
        Assert.Null(found.BosId);
        Assert.Equal(50256, found.FindSpecial("<|endoftext|>"));
        AssertSavedSame(found);
    }

    [Fact]
    public void Places_without_a_piece_are_never_read_or_written()
    {
        var tokenizer = Read(writer =>
        {
            AddBytes(writer, "[PAD259]", "ab");
            writer.Add("tokenizer.ggml.add_bos_token", false);
        });
        Assert.Null(tokenizer.BosId);
        Assert.Equal("", tokenizer.Decode([259]));
        Assert.DoesNotContain(259, tokenizer.Encode("[PAD259]"));
        Assert.Equal(261, tokenizer.VocabularySize);
    }

    [Theory]
    [InlineData("falcon", "is 'falcon'; supported are llama-bpe, gpt-2 and smollm")]
    [InlineData(null, "tokenizer.ggml.pre is missing")]
    public void Words_of_an_unknown_form_are_refused(string? pre, string fault)
    {
        var message = Assert.Throws<ModelFormatException>(() => Read(writer =>
        {
            writer.Add("tokenizer.ggml.model", "gpt2");
            writer.Add("tokenizer.ggml.tokens", ["a"]);
            if (pre is not null)
            {
                writer.Add("tokenizer.ggml.pre", pre);
            }
        })).Message;
        Assert.Contains(fault, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_of_different_lengths_are_refused()
    {
        var message = Assert.Throws<ModelFormatException>(() => Read(writer =>
        {
            writer.Add("tokenizer.ggml.model", "llama");
            writer.Add("tokenizer.ggml.tokens", ["a", "b"]);
            writer.Add("tokenizer.ggml.scores", new[] { 1f });
        })).Message;
        Assert.Contains("has 2 tokens, but there are 1 scores and 2 token types", message, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private static void AssertSame(ITokenizer wanted, ITokenizer found)
    {
        Assert.Equal(wanted.Encode(Text), found.Encode(Text));
        Assert.Equal(wanted.VocabularySize, found.VocabularySize);
        Assert.Equal(wanted.EosId, found.EosId);
        Assert.Equal(Text, found.Decode(found.Encode(Text)));
    }

    private static string Merge(JsonElement merge) => merge.ValueKind == JsonValueKind.String ? merge.GetString()! : $"{merge[0]} {merge[1]}";

    private static void AddBytes(GgufWriter writer, string unused, string piece)
    {
        string[] texts = ["<unk>", "<s>", "</s>", .. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>"), unused, piece];
        writer.Add("tokenizer.ggml.model", "llama");
        writer.Add("tokenizer.ggml.tokens", texts);
        writer.Add("tokenizer.ggml.token_type", [.. texts.Select((_, id) => id switch { 0 => 2, 1 or 2 => 3, < 259 => 6, 259 => 5, _ => 1 })]);
    }

    private void AssertSavedSame(ITokenizer tokenizer)
    {
        Directory.CreateDirectory(folder["saved"]);
        tokenizer.Save(folder["saved"]);
        var again = TokenizerFolder.Open(folder["saved"]);
        Assert.Equal(tokenizer.Encode(Text), again.Encode(Text));
        Assert.Equal((tokenizer.BosId, tokenizer.EosId), (again.BosId, again.EosId));
    }

    private ITokenizer Read(Action<GgufWriter> fill)
    {
        using var file = GgufFile.Open(TinyGguf.Write(folder["tokenizer.gguf"], fill));
        return GgufTokenizer.Read(file);
    }
}
