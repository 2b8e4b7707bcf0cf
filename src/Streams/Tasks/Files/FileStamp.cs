using Microsoft.Win32.SafeHandles;

namespace Orca.Streams.Tasks.Files;

/// <summary>By what a change of a file shows without reading it.</summary>
/// <param name="Length">Its length in bytes.</param>
/// <param name="LastWrite">When it was written last, in ticks of UTC.</param>
internal readonly record struct FileStamp(long Length, long LastWrite)
{
    /// <summary>The stamp of an open file.</summary>
    public static FileStamp Of(SafeFileHandle file) => new(RandomAccess.GetLength(file), File.GetLastWriteTimeUtc(file).Ticks);
}

/// <summary>A file is not what it was when its questions were counted.</summary>
internal sealed class FileChangedException(string path)
    : IOException($"The file '{path}' has changed since it was read first; its questions are left out until the next start.");
