using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;
using Orca.Model.Embedded;
using Orca.Tests.Shared;

namespace Orca.Model.Tests.Tokenization;

public class RealTextTests
{
    [Theory]
    [InlineData("embedded")]
    [InlineData("llama")]
    [InlineData("gpt2")]
    public void Every_text_of_Natural_Instructions_comes_back(string name)
    {
        var tokenizer = name == "embedded" ? EmbeddedStudent.Tokenizer : RealTokenizers.Named(name);
        var count = 0;
        foreach (var text in Texts.OfNaturalInstructions())
        {
            var ids = tokenizer.Encode(text);
            if (tokenizer.Decode(ids) != text || ids.Any(id => id < 0 || id >= tokenizer.VocabularySize))
            {
                Assert.Fail($"{name}: '{text}' became '{tokenizer.Decode(ids)}'");
            }

            count++;
        }

        Assert.True(count > 10_000, $"{count} texts");
    }

    [Fact]
    public void The_library_agrees_on_every_text_where_no_merge_overlaps_one_of_the_same_piece()
    {
        using var file = File.OpenRead(RealTokenizers.LlamaFile);
        var library = SentencePieceTokenizer.Create(file, addBeginningOfSentence: false, addEndOfSentence: false);
        var differing = 0;
        foreach (var text in Texts.OfNaturalInstructions())
        {
            var ids = RealTokenizers.Llama.Encode(text);
            if (!ids.SequenceEqual(library.EncodeToIds(text)))
            {
                // Equal scores can only meet where a text repeats itself and goes on repeating: "aaa", "ababa".
                Assert.Matches(@"(?s)((.).*?)\1\2", text);
                differing++;
            }

            Assert.Equal(text, library.Decode(ids));
        }

        Assert.InRange(differing, 0, 300);
    }

    [Fact]
    public void The_library_agrees_on_Gpt2()
    {
        var folder = SharedData.Require("tokenizers/gpt2_hf");
        var library = BpeTokenizer.Create(new BpeOptions(Path.Combine(folder, "vocab.json"), Path.Combine(folder, "merges.txt"))
        {
            ByteLevel = true,
            PreTokenizer = RobertaPreTokenizer.Instance,
        });
        Assert.All(Texts.OfNaturalInstructions().Where((_, index) => index % 7 == 0), text =>
            Assert.Equal(library.EncodeToIds(text), RealTokenizers.Gpt2.Encode(text)));
    }
}
