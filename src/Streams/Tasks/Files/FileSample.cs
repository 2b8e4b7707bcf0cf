using System.IO.Hashing;

namespace Orca.Streams.Tasks.Files;

/// <summary>Tells quickly whether a file is what it was: its stamp, and a hash of blocks all over it.</summary>
internal static class FileSample
{
    private const int Blocks = 16;
    private const int BlockBytes = 4096;

    /// <summary>The stamp of a file; the default one where there is none, or none that has a length.</summary>
    public static FileStamp StampOf(string path)
    {
        try
        {
            using var file = File.OpenHandle(path);
            return FileStamp.Of(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return default;
        }
    }

    /// <summary>A hash of up to sixteen blocks of a file, first and last included; empty where it cannot be read.</summary>
    public static string Of(string path)
    {
        try
        {
            using var file = File.OpenHandle(path);
            var length = RandomAccess.GetLength(file);
            var (hash, block) = (new XxHash128(), new byte[BlockBytes]);
            for (var number = 0; number < Blocks; number++)
            {
                var offset = (long)((double)Math.Max(0, length - BlockBytes) * number / (Blocks - 1));
                hash.Append(block.AsSpan(0, RandomAccess.Read(file, block, offset)));
            }

            return Convert.ToHexStringLower(hash.GetCurrentHash());
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return "";
        }
    }
}
