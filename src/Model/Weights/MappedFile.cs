using System.IO.MemoryMappedFiles;

namespace Orca.Model.Weights;

/// <summary>
/// A whole file at addresses of memory, read-only: mapped, or copied part by part as it is asked for. A mapped one must not be
/// cut: reading what is gone ends the process.
/// </summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private const int MaxReadBytes = 1 << 30;

    private readonly FileStream file;
    private readonly MemoryMappedFile? map;
    private readonly MemoryMappedViewAccessor? view;
    private readonly PrivateMemory? copy;
    private readonly StagingMemory staging = new();
    private readonly Lock filling = new();
    private readonly Dictionary<(long Offset, long Count), PartFacts> facts = [];
    private readonly Dictionary<(long Offset, long Count), PrivateMemory> parts = [];
    private byte* first;

    private MappedFile(FileStream file, WeightAccess access)
    {
        this.file = file;
        Length = file.Length;
        if (access == WeightAccess.Copied)
        {
            copy = new PrivateMemory(Length);
            first = copy.First;
            return;
        }

        map = MemoryMappedFile.CreateFromFile(file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        view = map.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref first);
        first += view.PointerOffset;
    }

    /// <summary>Bytes of the file when it was opened.</summary>
    public long Length { get; }

    /// <summary>Whether its bytes are mapped, not copied.</summary>
    public bool IsMapped => copy is null;

    /// <summary>Path it was opened by.</summary>
    public string Path => file.Name;

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="least">Bytes that every file of the format has, above 0.</param>
    /// <param name="format">What messages call the format.</param>
    /// <param name="access">How its bytes come into memory.</param>
    /// <exception cref="ModelFormatException">It is missing, unreadable or too short.</exception>
    public static MappedFile Open(string path, int least, string format, WeightAccess access = WeightAccess.Mapped)
    {
        try
        {
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
            try
            {
                return file.Length >= least
                    ? new MappedFile(file, access)
                    : throw new ModelFormatException($"'{path}' has {file.Length} bytes; a {format} file has at least {least}: it may be "
                        + "truncated.");
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

    /// <summary>Address of a byte; where the file is copied, it is there from <see cref="Fill"/> on.</summary>
    /// <param name="offset">At most <see cref="Length"/>.</param>
    /// <exception cref="ObjectDisposedException">The file is unmapped.</exception>
    public byte* At(long offset)
    {
        ObjectDisposedException.ThrowIf(first is null, this);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)offset, (ulong)Length, nameof(offset));
        return first + offset;
    }

    /// <summary>A part of the file; where the file is copied, it is there from <see cref="Fill"/> on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It reaches beyond the file.</exception>
    public ReadOnlySpan<byte> Slice(long offset, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - count);
        return new ReadOnlySpan<byte>(At(offset), count);
    }

    /// <summary>Sees to it that a part is where <see cref="At"/> says. Mapped files need nothing.</summary>
    /// <exception cref="ModelFormatException">The file has been cut since it was opened, or cannot be read.</exception>
    public void Fill(long offset, long count)
    {
        if (copy is not null)
        {
            Read(offset, At(offset), count);
        }
    }

    /// <summary>Threads that a part is copied by.</summary>
    public int Threads { get; set; } = 1;

    /// <summary>
    /// Address of a part: where the file is mapped, its place in it; else a copy of its own, until <see cref="Release"/>.
    /// </summary>
    /// <param name="offset">Where it begins.</param>
    /// <param name="count">Its bytes.</param>
    /// <param name="dtype">Name of the stored type.</param>
    /// <exception cref="ModelFormatException">The file has been cut or changed since it was opened, or cannot be read.</exception>
    public byte* Part(long offset, long count, string dtype)
    {
        if (copy is null)
        {
            return At(offset);
        }

        lock (filling)
        {
            ObjectDisposedException.ThrowIf(first is null, this);
            if (parts.TryGetValue((offset, count), out var part))
            {
                return part.First;
            }

            part = staging.Rent(count);
            try
            {
                Learn(offset, count, Copy(offset, part.First, new PartDigest(dtype, count)));
            }
            catch
            {
                staging.Return(part);
                throw;
            }

            parts.Add((offset, count), part);
            return part.First;
        }
    }

    /// <summary>
    /// A part is not needed any more, its copy is gone; what was made over it must not be used. Mapped files need nothing.
    /// </summary>
    public void Release(long offset, long count)
    {
        lock (filling)
        {
            if (parts.Remove((offset, count), out var part))
            {
                staging.Return(part);
            }
        }
    }

    /// <summary>Nothing more is asked for soon: memory that was kept for the next part is given back.</summary>
    public void Trim()
    {
        lock (filling)
        {
            staging.Trim();
        }
    }

    /// <summary>What is known of a part, from whoever read it last; null where nobody has.</summary>
    public PartFacts? FactsOf(long offset, long count)
    {
        lock (filling)
        {
            return facts.TryGetValue((offset, count), out var known) ? known : null;
        }
    }

    /// <summary>A part has been read. Whoever reads it again, and whoever has it in memory, must have found the same.</summary>
    /// <exception cref="ModelFormatException">It was something else before.</exception>
    public void Learn(long offset, long count, PartFacts found)
    {
        lock (filling)
        {
            if (facts.TryAdd((offset, count), found) || facts[(offset, count)] == found)
            {
                return;
            }
        }

        throw new ModelFormatException($"'{Path}' changed while it was read; a checkpoint must not be written to once it is published.");
    }

    /// <summary>Reads a part of the file itself, past any memory.</summary>
    /// <exception cref="ModelFormatException">The file has been cut since it was opened, or cannot be read.</exception>
    public void Read(long offset, Span<byte> to)
    {
        fixed (byte* target = to)
        {
            Read(offset, target, to.Length);
        }
    }

    /// <summary>Unmaps or frees the memory, and closes the file.</summary>
    public void Dispose()
    {
        if (first is not null)
        {
            view?.SafeMemoryMappedViewHandle.ReleasePointer();
            first = null;
        }

        view?.Dispose();
        map?.Dispose();
        copy?.Dispose();
        foreach (var part in parts.Values)
        {
            part.Dispose();
        }

        parts.Clear();
        staging.Trim();
        file.Dispose();
    }

    private void Read(long offset, byte* to, long count)
    {
        try
        {
            for (var done = 0L; done < count;)
            {
                var part = new Span<byte>(to + done, (int)Math.Min(count - done, MaxReadBytes));
                var read = RandomAccess.Read(file.SafeFileHandle, part, offset + done);
                if (read == 0)
                {
                    throw new ModelFormatException(
                        $"'{Path}' ends at byte {offset + done}; it had {Length} when it was opened: somebody has cut it, copy it again.");
                }

                done += read;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFormatException($"'{Path}' cannot be read: {e.Message}", e);
        }
    }

    private PartFacts Copy(long offset, byte* to, PartDigest digest)
    {
        if (Threads == 1)
        {
            for (var chunk = 0; chunk < digest.Chunks; chunk++)
            {
                Thread.Yield();
                CopyChunk(chunk);
            }

            return digest.ToFacts();
        }

        try
        {
            Parallel.For(0, digest.Chunks, new ParallelOptions { MaxDegreeOfParallelism = Threads }, CopyChunk);
        }
        catch (AggregateException fault)
        {
            throw fault.InnerExceptions[0];
        }

        return digest.ToFacts();

        void CopyChunk(int chunk)
        {
            var start = (long)chunk * PartDigest.ChunkBytes;
            Read(offset + start, to + start, digest.BytesOf(chunk));
            digest.Add(chunk, new ReadOnlySpan<byte>(to + start, digest.BytesOf(chunk)));
        }
    }
}
