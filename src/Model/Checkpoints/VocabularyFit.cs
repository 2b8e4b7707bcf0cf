using Orca.Model.Tokenization;

namespace Orca.Model.Checkpoints;

/// <summary>Whether a tokenizer and an embedding belong together.</summary>
public static class VocabularyFit
{
    /// <summary>
    /// What is wrong with them, as a clause; null where they fit. An embedding may have any number of rows beyond the vocabulary:
    /// they are never drawn. A special token may lie beyond the embedding, as padding that was added later does: it is never drawn,
    /// and nobody can send it. Start and end must have rows.
    /// </summary>
    /// <param name="rows">Rows of the embedding.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    public static string? Fault(int rows, ITokenizer tokenizer)
    {
        for (var id = rows; id < tokenizer.VocabularySize; id++)
        {
            if (id == tokenizer.BosId || id == tokenizer.EosId || !tokenizer.BytesOf(id).IsEmpty)
            {
                return $"the tokenizer has {tokenizer.VocabularySize} tokens, the embedding {rows} rows, and token {id} stands for "
                    + $"{(tokenizer.BytesOf(id).IsEmpty ? "the start or end" : "text")}; use the tokenizer that the model was made with";
            }
        }

        return null;
    }
}
