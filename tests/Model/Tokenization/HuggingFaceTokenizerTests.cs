using System.Text.Json.Nodes;
using Orca.Model.Tokenization;

namespace Orca.Model.Tests.Tokenization;

public class HuggingFaceTokenizerTests
{
    [Theory]
    [InlineData("gpt2", "gpt-2")]
    [InlineData("llama-json", "llama-spm")]
    [InlineData("llama2c", "llama-spm")]
    [InlineData("llama", "llama-spm")]
    public void A_vocabulary_gives_all_47_vectors_and_decodes_them(string name, string vectorsOf)
    {
        var tokenizer = RealTokenizers.Named(name);
        var vectors = TokenizerVectors.OfGgml(vectorsOf);
        Assert.Equal(47, vectors.Count);
        Assert.All(vectors, vector =>
        {
            Assert.Equal(vector.Ids, tokenizer.Encode(vector.Text));
            Assert.Equal(vector.Text, tokenizer.Decode(vector.Ids));
        });
    }

    [Fact]
    public void Gpt2_tells_its_start_and_end()
    {
        var gpt2 = RealTokenizers.Gpt2;
        Assert.Equal((50_256, 50_256, 50_257), (gpt2.BosId, gpt2.EosId, gpt2.VocabularySize));
        Assert.Equal(50_256, gpt2.FindSpecial("<|endoftext|>"));
    }
}
