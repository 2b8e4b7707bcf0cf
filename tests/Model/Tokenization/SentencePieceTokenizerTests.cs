using Orca.Model.Tokenization;
using Orca.Tests.Shared;

namespace Orca.Model.Tests.Tokenization;

public class SentencePieceTokenizerTests
{
    private static ITokenizer Llama() => TokenizerFolder.Open(Path.GetDirectoryName(SharedData.Require("tokenizers/llama/tokenizer.model"))!);

    [Fact]
    public void Llama_gives_all_47_vectors_and_decodes_them()
    {
        var llama = Llama();
        var vectors = TokenizerVectors.OfGgml("llama-spm");
        Assert.Equal(47, vectors.Count);
        Assert.All(vectors, vector =>
        {
            Assert.Equal(vector.Ids, llama.Encode(vector.Text));
            Assert.Equal(vector.Text, llama.Decode(vector.Ids));
        });
    }

    [Fact]
    public void Llama_gives_the_golden_prompts_after_its_start_token()
    {
        var llama = Llama();
        Assert.Equal((1, 2, 32_000), (llama.BosId, llama.EosId, llama.VocabularySize));
        Assert.All(TokenizerVectors.OfPrompts(), vector => Assert.Equal(vector.Ids, llama.Encode(vector.Text).Insert(0, llama.BosId!.Value)));
    }
}
