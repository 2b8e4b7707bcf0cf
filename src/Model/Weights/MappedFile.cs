using System.IO.MemoryMappedFiles;

namespace Orca.Model.Weights;

/// <summary>
/// A whole file mapped into memory, read-only. It must not be cut while it is mapped: reading what is gone ends the process.
/// </summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile map;
    private readonly MemoryMappedViewAccessor view;
    private byte* first;

    private MappedFile(FileStream file)
    {
        Length = file.Length;
        map = MemoryMappedFile.CreateFromFile(file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        view = map.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref first);
        first += view.PointerOffset;
    }

    /// <summary>Bytes of the file.</summary>
    public long Length { get; }

    /// <summary>Maps a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="least">Bytes that every file of the format has.</param>
    /// <param name="format">What messages call the format.</param>
    /// <exception cref="ModelFormatException">It is missing, unreadable or too short.</exception>
    public static MappedFile Open(string path, int least, string format)
    {
        try
        {
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
            try
            {
                return file.Length >= least
                    ? new MappedFile(file)
                    : throw new ModelFormatException($"'{path}' has {file.Length} bytes; a {format} file has at least {least}: it may be truncated.");
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFormatException($"'{path}' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Address of a byte.</summary>
    /// <param name="offset">At most <see cref="Length"/>.</param>
    /// <exception cref="ObjectDisposedException">The file is unmapped.</exception>
    public byte* At(long offset)
    {
        ObjectDisposedException.ThrowIf(first is null, this);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)offset, (ulong)Length, nameof(offset));
        return first + offset;
    }

    /// <summary>A part of the file.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It reaches beyond the file.</exception>
    public ReadOnlySpan<byte> Slice(long offset, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - count);
        return new ReadOnlySpan<byte>(At(offset), count);
    }

    /// <summary>Unmaps the file.</summary>
    public void Dispose()
    {
        if (first is not null)
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
            first = null;
        }

        view.Dispose();
        map.Dispose();
    }
}
