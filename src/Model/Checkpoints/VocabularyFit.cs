using Orca.Model.Tokenization;

namespace Orca.Model.Checkpoints;

/// <summary>Whether a tokenizer and an embedding belong together.</summary>
public static class VocabularyFit
{
    /// <summary>
    /// What is wrong with them, as a clause; null where they fit. An embedding may have any number of rows beyond the vocabulary:
    /// they are never drawn. A special token, or one named as a marker (&lt;pad&gt;, [PAD]), may lie beyond the embedding, as padding
    /// that was added later does: it is never drawn, and a prompt that holds it is refused. Start and end must have rows.
    /// </summary>
    /// <param name="rows">Rows of the embedding.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    public static string? Fault(int rows, ITokenizer tokenizer)
    {
        for (var id = rows; id < tokenizer.VocabularySize; id++)
        {
            if (id == tokenizer.BosId || id == tokenizer.EosId || !IsMarker(tokenizer.BytesOf(id)))
            {
                return $"the tokenizer has {tokenizer.VocabularySize} tokens, the embedding {rows} rows, and token {id} stands for "
                    + $"{(id == tokenizer.BosId || id == tokenizer.EosId ? "the start or end" : "text")}; use the tokenizer that the "
                        + "model was made with";
            }
        }

        return null;
    }

    // Special tokens have no bytes.
    private static bool IsMarker(ReadOnlySpan<byte> text) => text is [] or [(byte)'<', .., (byte)'>'] or [(byte)'[', .., (byte)']'];
}
