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
        var pieces = model.GetProperty("vocab").EnumerateObject()
            .OrderBy(piece => piece.Value.GetInt32()).Select(piece => piece.Name).ToList();
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
        Assert.Equal(1, tokenizer.BosId);
        Assert.Empty(tokenizer.StartIds);
        Assert.Equal("", tokenizer.Decode([259]));
        Assert.DoesNotContain(259, tokenizer.Encode("[PAD259]"));
        Assert.Equal(261, tokenizer.VocabularySize);
    }

    [Theory]
    [InlineData("falcon", "is 'falcon', whose way to cut words is not known; known are ")]
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

    [Fact]
    public void A_text_that_stands_twice_or_is_empty_loads_and_the_last_is_read_from_texts()
    {
        var tokenizer = Read(writer => Add(writer, ("ab", 1), ("", 1), ("a", 1), ("b", 1), ("ab", 1), ("<pad>", 3), ("<pad>", 3)));
        Assert.Equal(263, tokenizer.Encode("ab")[^1]);
        Assert.Equal("abab", tokenizer.Decode([259, 263, 260]));
        Assert.Equal(266, tokenizer.VocabularySize);
        AssertSavedSame(tokenizer);
    }

    [Fact]
    public void User_defined_tokens_stay_in_the_text_and_what_follows_begins_with_a_space_again()
    {
        var tokenizer = Read(writer => Add(writer, ("\u2581", 1), ("a", 1), ("<tool_call>", 4), ("<|im_end|>", 3)));
        Assert.Equal([259, 260, 261, 259, 260], tokenizer.Encode("a<tool_call>a"));
        Assert.Equal("a<tool_call>a", tokenizer.Decode([259, 260, 261, 260, 262]));
        Assert.DoesNotContain(262, tokenizer.Encode("<|im_end|>"));
        Assert.Equal([1], tokenizer.StartIds);
        Directory.CreateDirectory(folder["again"]);
        tokenizer.Save(folder["again"]);
        var again = TokenizerFolder.Open(folder["again"]);
        Assert.Equal(tokenizer.Encode("a<tool_call>a"), again.Encode("a<tool_call>a"));
        Assert.Equal(tokenizer.StartIds, again.StartIds);
    }

    [Theory]
    [InlineData("llama-bpe", null, "256")]
    [InlineData("llama-bpe", false, "")]
    [InlineData("qwen2", null, "")]
    [InlineData("qwen2", true, "256")]
    [InlineData("tekken", null, "256")]
    [InlineData("deepseek-v3", null, "")]
    [InlineData("deepseek-coder", null, "")]
    [InlineData("default", null, "")]
    public void A_plain_text_begins_as_the_file_or_its_way_to_cut_words_says(string pre, bool? addsStart, string start)
    {
        var tokenizer = Read(writer =>
        {
            AddByteLevel(writer, pre, ("<bos>", 3), ("<eos>", 3), ("<think>", 4));
            if (addsStart is { } flag)
            {
                writer.Add("tokenizer.ggml.add_bos_token", flag);
            }
        });
        Assert.Equal(start, string.Join(' ', tokenizer.StartIds));
        Assert.Equal((256, 257), (tokenizer.BosId, tokenizer.EosId));
        Assert.Equal([.. "<eos>".Select(c => (int)c), 258], tokenizer.Encode("<eos><think>"));
        Assert.Equal(Text, tokenizer.Decode(tokenizer.Encode(Text)));
    }

    [Theory]
    [InlineData("bos", 261u)]
    [InlineData("eos", 4294967295u)]
    public void A_start_or_end_that_is_no_token_is_refused_by_its_key(string task, uint id)
    {
        var key = $"tokenizer.ggml.{task}_token_id";
        Action<GgufWriter>[] kinds =
        [
            writer =>
            {
                AddBytes(writer, "[PAD259]", "ab");
                writer.Add(key, id);
            },
            writer => AddByteLevel(writer, "llama-bpe", [("<bos>", 3), ("<eos>", 3)], task == "bos" ? id : 256, task == "eos" ? id : 257),
        ];
        Assert.All(kinds, fill => Assert.Contains(
            $"{key} is {id}; it must be below the number of tokens, 2", Assert.Throws<ModelFormatException>(() => Read(fill)).Message));
    }

    public void Dispose() => folder.Dispose();

    private static void AssertSame(ITokenizer wanted, ITokenizer found)
    {
        Assert.Equal(wanted.Encode(Text), found.Encode(Text));
        Assert.Equal(wanted.VocabularySize, found.VocabularySize);
        Assert.Equal(wanted.EosId, found.EosId);
        Assert.Equal(Text, found.Decode(found.Encode(Text)));
    }

    private static string Merge(JsonElement merge) =>
        merge.ValueKind == JsonValueKind.String ? merge.GetString()! : $"{merge[0]} {merge[1]}";

    // Bytes are pieces 3 to 258.
    private static void Add(GgufWriter writer, params (string Text, int Kind)[] pieces)
    {
        (string Text, int Kind)[] all = [("<unk>", 2), ("<s>", 3), ("</s>", 3),
            .. Enumerable.Range(0, 256).Select(value => ($"<0x{value:X2}>", 6)),
            .. pieces];
        writer.Add("tokenizer.ggml.model", "llama");
        writer.Add("tokenizer.ggml.tokens", [.. all.Select(piece => piece.Text)]);
        writer.Add("tokenizer.ggml.token_type", [.. all.Select(piece => piece.Kind)]);
    }

    // Ids of bytes are the bytes'; the first two of the others start and end a text.
    private static void AddByteLevel(GgufWriter writer, string pre, params (string Text, int Kind)[] others) =>
        AddByteLevel(writer, pre, others, 256, 257);

    private static void AddByteLevel(GgufWriter writer, string pre, (string Text, int Kind)[] others, uint start, uint end)
    {
        (string Text, int Kind)[] all = [.. Enumerable.Range(0, 256).Select(value => (ByteLevelText.CharacterOf((byte)value).ToString(), 1)), .. others];
        writer.Add("tokenizer.ggml.model", "gpt2");
        writer.Add("tokenizer.ggml.pre", pre);
        writer.Add("tokenizer.ggml.tokens", [.. all.Select(piece => piece.Text)]);
        writer.Add("tokenizer.ggml.token_type", [.. all.Select(piece => piece.Kind)]);
        writer.Add("tokenizer.ggml.merges", (string[])[]);
        writer.Add("tokenizer.ggml.bos_token_id", start);
        writer.Add("tokenizer.ggml.eos_token_id", end);
    }

    private static void AddBytes(GgufWriter writer, string unused, string piece)
    {
        string[] texts = ["<unk>", "<s>", "</s>", .. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>"), unused, piece];
        writer.Add("tokenizer.ggml.model", "llama");
        writer.Add("tokenizer.ggml.tokens", texts);
        writer.Add(
            "tokenizer.ggml.token_type", [.. texts.Select((_, id) => id switch { 0 => 2, 1 or 2 => 3, < 259 => 6, 259 => 5, _ => 1 })]);
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
