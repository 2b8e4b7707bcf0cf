using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Orca.Model.Checkpoints;

/// <summary>SHA-256 of a folder's files.</summary>
internal static class FolderDigests
{
    private const int BufferBytes = 64 << 10;

    /// <summary>Digests of all files of a folder and of those below it, each forced to the disk as it is read.</summary>
    public static ImmutableSortedDictionary<string, string> Seal(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).ToImmutableSortedDictionary(
            path => Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/'),
            path =>
            {
                Durable.FlushFile(path);
                return Of(path);
            },
            StringComparer.Ordinal);

    /// <summary>Compares files with their digests.</summary>
    /// <param name="folder">Folder that the digests' paths are relative to.</param>
    /// <param name="digests">The files to look at, and what they must have.</param>
    /// <exception cref="ModelFormatException">A file is missing or differs.</exception>
    public static void Verify(string folder, IEnumerable<KeyValuePair<string, string>> digests)
    {
        foreach (var (name, wanted) in digests)
        {
            var path = Path.Combine(folder, name);
            if (!File.Exists(path))
            {
                throw new ModelFormatException($"'{path}' is missing; the checkpoint is incomplete: copy it again or use another.");
            }

            Compare(path, wanted, Of(path));
        }
    }

    /// <summary>Compares digests found with those wanted.</summary>
    /// <param name="folder">Folder of the files.</param>
    /// <param name="wanted">What the manifest says.</param>
    /// <param name="found">Digests of some of the files.</param>
    /// <exception cref="ModelFormatException">A file differs, or the manifest does not know it.</exception>
    public static void Compare(string folder, IReadOnlyDictionary<string, string> wanted, IReadOnlyDictionary<string, string> found)
    {
        foreach (var (name, digest) in found)
        {
            var path = Path.Combine(folder, name);
            Compare(path, wanted.GetValueOrDefault(name) ?? throw new ModelFormatException(
                $"'{path}' is not in the checkpoint's manifest; copy the checkpoint again or use another."), digest);
        }
    }

    private static void Compare(string path, string wanted, string found)
    {
        if (found != wanted)
        {
            throw new ModelFormatException(
                $"'{path}' has SHA-256 {Short(found)}; its manifest says {Short(wanted)}: the checkpoint is damaged, copy it again or "
                    + "use another.");
        }
    }

    private static string Of(string path)
    {
        // Of the pool and below what counts as a large object: a server that loads every checkpoint would collect all generations for it.
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            using var file = new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            for (int read; (read = file.Read(buffer)) > 0;)
            {
                hash.AppendData(buffer.AsSpan(0, read));
            }

            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFormatException($"'{path}' cannot be read: {e.Message}", e);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static string Short(string digest) => digest.Length > 12 ? digest[..12] + "…" : digest;
}
