using System.Security.Cryptography;
using System.Text;
using Orca.Model.Checkpoints;

namespace Orca.Training;

/// <summary>Tells the first weights of one student from those of another, without reading all of them.</summary>
internal static class StudentOrigin
{
    private const int SampleBytes = 64 * 1024;

    /// <summary>
    /// SHA-256, in lower-case hexadecimal digits, of a model's shape and tokenizer, and of each of its weight files' name, length,
    /// beginning, middle and end. The same wherever the folder lies.
    /// </summary>
    public static string Of(Checkpoint checkpoint)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, checkpoint.Config.ToJson());
        Add(hash, checkpoint.TokenizerHash);
        var files = File.Exists(checkpoint.Folder)
            ? [checkpoint.Folder]
            : Directory.GetFiles(checkpoint.Folder, "*.safetensors").Order(StringComparer.Ordinal).ToArray();
        foreach (var file in files)
        {
            using var weights = File.OpenRead(file);
            Add(hash, $"{Path.GetFileName(file)} {weights.Length}");
            foreach (var start in new[] { 0, weights.Length / 2, Math.Max(0, weights.Length - SampleBytes) })
            {
                var sample = new byte[SampleBytes];
                weights.Position = start;
                hash.AppendData(sample, 0, weights.ReadAtLeast(sample, SampleBytes, throwOnEndOfStream: false));
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Add(IncrementalHash hash, string text)
    {
        hash.AppendData(Encoding.UTF8.GetBytes(text));
        hash.AppendData([0]);
    }
}
