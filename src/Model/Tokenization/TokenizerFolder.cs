namespace Orca.Model.Tokenization;

/// <summary>Opens the tokenizer of a model folder.</summary>
public static class TokenizerFolder
{
    /// <summary>Reads <c>tokenizer.model</c> (SentencePiece).</summary>
    /// <exception cref="ModelFormatException">There is no tokenizer, or its files are malformed or of a kind that is not supported.</exception>
    public static ITokenizer Open(string folder)
    {
        var path = Path.Combine(folder, SentencePieceTokenizer.FileName);
        if (!File.Exists(path))
        {
            throw new ModelFormatException($"'{folder}' holds no tokenizer; put its tokenizer.model there.");
        }

        var source = $"'{path}'";
        var file = File.ReadAllBytes(path);
        return new SentencePieceTokenizer(SentencePieceModel.Parse(file, source), file, source);
    }
}
