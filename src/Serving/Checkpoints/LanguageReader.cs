using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Orca.Model.Checkpoints;

namespace Orca.Serving.Checkpoints;

/// <summary>Makes the language of a checkpoint, or finds that it is the one of the checkpoint before.</summary>
internal static class LanguageReader
{
    private static readonly string[] Files =
    [
        "tokenizer.model", "tokenizer.json", "tokenizer.bin",
        "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "generation_config.json",
    ];

    /// <summary>The language of a checkpoint; <paramref name="previous"/> where it is the same.</summary>
    public static StudentLanguage Of(Checkpoint checkpoint, StudentLanguage? previous)
    {
        int[] endTokens = [.. checkpoint.Template.StopIds(checkpoint.Tokenizer).Union(checkpoint.Config.EosIds).Order()];
        var vocabulary = checkpoint.Config.VocabularySize;
        var identity = Identity(checkpoint, $"{checkpoint.Template.Hash} {string.Join(',', endTokens)} {vocabulary}");
        return previous?.Identity == identity
            ? previous
            : new StudentLanguage(identity, checkpoint.Tokenizer, checkpoint.Template, endTokens.ToFrozenSet(), vocabulary);
    }

    private static string Identity(Checkpoint checkpoint, string rest)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(rest));
        foreach (var path in Files.Select(name => Path.Combine(checkpoint.Folder, name)).Where(File.Exists))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"\0{Path.GetFileName(path)}\0"));
            hash.AppendData(File.ReadAllBytes(path));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
