using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Orca.Evaluation.Certificate;

/// <summary>
/// The source that the extractor was built from. The build puts it into this assembly, so that a report can name the very extractor
/// it was judged with, alike from build to build.
/// </summary>
/// <remarks>Says nothing of a Streams assembly that is exchanged after the build.</remarks>
public static class ExtractorSource
{
    private const string Folder = "extractor/";

    /// <summary>The files by name, line ends as line feeds.</summary>
    public static ImmutableSortedDictionary<string, string> Files { get; } = Embedded.NamesUnder(Folder).ToImmutableSortedDictionary(
        name => name[Folder.Length..], Text, StringComparer.Ordinal);

    /// <summary>SHA-256 over the files' names and texts, lower-case hexadecimal.</summary>
    public static string Hash { get; } = HashOf(Files);

    internal static string HashOf(IReadOnlyDictionary<string, string> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, text) in files.OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{name}\0{text}\0"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // A checkout may have written other line ends.
    private static string Text(string name) =>
        new StreamReader(new MemoryStream(Embedded.Read(name))).ReadToEnd().ReplaceLineEndings("\n");
}
