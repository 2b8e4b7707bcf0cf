using System.Security.Cryptography;
using System.Text;

namespace Orca.Model.Tokenization;

/// <summary>
/// Opens tokenizers: Hugging Face's <c>tokenizer.json</c>, SentencePiece's <c>tokenizer.model</c> and llama2.c's
/// <c>tokenizer.bin</c>, of byte-pair encoding all three.
/// </summary>
public static class TokenizerFolder
{
    private static readonly string[] HashedFiles =
    [
        HuggingFaceTokenizerFile.FileName, SentencePieceTokenizer.FileName, Llama2cTokenizerFile.FileName,
        "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "generation_config.json",
    ];

    /// <summary>Opens the tokenizer of a model folder. Of several forms the first wins, in the order above.</summary>
    /// <exception cref="ModelFormatException">
    /// There is no tokenizer, or its files are malformed or of a kind that is not supported.
    /// </exception>
    public static ITokenizer Open(string folder)
    {
        string[] names = [HuggingFaceTokenizerFile.FileName, SentencePieceTokenizer.FileName, Llama2cTokenizerFile.FileName];
        var name = names.FirstOrDefault(name => File.Exists(Path.Combine(folder, name)))
            ?? throw new ModelFormatException($"'{folder}' holds no tokenizer; put its {string.Join(", ", names[..^1])} or {names[^1]} "
                + "there.");
        return OpenFile(Path.Combine(folder, name), TokenizerSettings.Read(folder));
    }

    /// <summary>
    /// SHA-256, in lower-case hexadecimal digits, of the names and bytes of a folder's files that make its tokenizer, and of what
    /// its <c>config.json</c> says of start and end.
    /// </summary>
    public static string Hash(string folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var name in HashedFiles.Where(name => File.Exists(Path.Combine(folder, name))))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"\0{name}\0"));
            hash.AppendData(File.ReadAllBytes(Path.Combine(folder, name)));
        }

        hash.AppendData(Encoding.UTF8.GetBytes($"\0{TokenizerSettings.EndsOf(folder)}\0"));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>
    /// Opens one file, whatever it is called: a name that ends in <c>.json</c> is taken as Hugging Face's form, in <c>.bin</c> as
    /// llama2.c's form, all else as SentencePiece's. Files beside it are not looked at.
    /// </summary>
    /// <exception cref="ModelFormatException">The file is missing, malformed or of a kind that is not supported.</exception>
    public static ITokenizer OpenFile(string path) => OpenFile(path, TokenizerSettings.None);

    /// <summary>Makes the tokenizer of a SentencePiece model in memory.</summary>
    /// <param name="model">The bytes of a <c>tokenizer.model</c>.</param>
    /// <param name="name">How messages name it.</param>
    /// <exception cref="ModelFormatException">It is malformed or of a kind that is not supported.</exception>
    public static ITokenizer FromSentencePiece(byte[] model, string name) =>
        new SentencePieceTokenizer(SentencePieceModel.Parse(model, name), model, TokenizerSettings.None, name);

    private static ITokenizer OpenFile(string path, TokenizerSettings settings)
    {
        var source = $"'{path}'";
        if (!File.Exists(path))
        {
            throw new ModelFormatException($"The tokenizer {source} does not exist; name a tokenizer.model, tokenizer.json or "
                + "tokenizer.bin.");
        }

        var file = TokenizerFile.Read(path);
        if (Path.GetExtension(path) == ".json")
        {
            return HuggingFaceTokenizerFile.Parse(file, source, settings);
        }

        if (Path.GetExtension(path) == ".bin")
        {
            var model = Llama2cTokenizerFile.Parse(file, source);
            return new SentencePieceTokenizer(model, SentencePieceFile.Write(model), settings, source);
        }

        return new SentencePieceTokenizer(SentencePieceModel.Parse(file, source), file, settings, source);
    }
}
