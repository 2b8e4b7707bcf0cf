using System.Security.Cryptography;
using Orca.Model.Checkpoints;
using Orca.Model.Prompting;
using Orca.Model.Weights;

namespace Orca.Model.Gguf;

/// <summary>Opens a GGUF file as a model.</summary>
internal static class GgufCheckpoint
{
    /// <summary>How the names of such files end.</summary>
    public const string Extension = ".gguf";

    /// <summary>
    /// The file that a path means: itself, or in a folder that is no model of another kind the only one, or the first of the only
    /// model that is split; else null.
    /// </summary>
    public static string? Find(string path)
    {
        if (File.Exists(path))
        {
            return Path.GetExtension(path).Equals(Extension, StringComparison.OrdinalIgnoreCase) ? path : null;
        }

        return Directory.Exists(path) && !File.Exists(Path.Combine(path, CheckpointLayout.ConfigName))
            ? GgufSplit.OnlyModel(Directory.EnumerateFiles(path, "*" + Extension))
            : null;
    }

    /// <summary>Opens and checks a file.</summary>
    /// <exception cref="ModelFormatException">It is malformed, or of a kind that is not supported; the message says which.</exception>
    public static Checkpoint Open(string path, WeightAccess access)
    {
        var full = Path.GetFullPath(path);
        var file = GgufFile.Open(full, access);
        try
        {
            var config = GgufConfig.Read(file);
            var tokenizer = GgufTokenizer.Read(file);
            return new Checkpoint(
                full, null, config, tokenizer, GgufChatTemplate.Read(file, tokenizer) ?? PromptTemplate.For(tokenizer),
                new GgufWeights(file, config))
            {
                TokenizerHash = Convert.ToHexStringLower(SHA256.HashData(file.MetadataBytes)),
            };
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
