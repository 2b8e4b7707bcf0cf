using System.Runtime.InteropServices;

namespace Orca.Model.Inference.Cpu.Machine;

/// <summary>
/// Zeroed memory outside of the managed heap, aligned to cache lines. Large ones come page by page as they are first touched, in huge
/// pages where the system has them.
/// </summary>
internal sealed unsafe partial class NativeBuffer : IDisposable
{
    private const nuint HugePage = 2u << 20;
    private const int AdviceHugePage = 14;
    private const int ReadAndWrite = 3;
    private const int PrivateAndAnonymous = 0x22;
    private static readonly nint Failed = -1;

    private readonly nint mapping;
    private readonly nuint mapped;
    private byte* data;

    /// <param name="bytes">Length; 0 is allowed.</param>
    /// <exception cref="OutOfMemoryException">There is not so much.</exception>
    public NativeBuffer(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        Bytes = bytes;
        if ((nuint)bytes < HugePage || !OperatingSystem.IsLinux())
        {
            data = (byte*)NativeMemory.AlignedAlloc((nuint)bytes + 64, 64);
            NativeMemory.Clear(data, (nuint)bytes);
            return;
        }

        mapped = (nuint)bytes + (2 * HugePage);
        mapping = Map(0, mapped, ReadAndWrite, PrivateAndAnonymous, -1, 0);
        if (mapping == Failed)
        {
            throw new OutOfMemoryException($"{bytes >> 20} MiB of memory are not to be had; use weights of fewer bits, a smaller cache "
                + "or a smaller model.");
        }

        // Weights are read from end to end at every step: with small pages much of the time goes into looking them up.
        data = (byte*)(((nuint)mapping + HugePage - 1) & ~(HugePage - 1));
        _ = Advise((nint)data, (nuint)bytes, AdviceHugePage);
    }

    /// <summary>Length in bytes.</summary>
    public long Bytes { get; }

    /// <summary>First byte.</summary>
    public byte* Data => data is null ? throw new ObjectDisposedException(nameof(NativeBuffer)) : data;

    /// <summary>First value.</summary>
    public float* Floats => (float*)Data;

    /// <summary>Frees it.</summary>
    public void Dispose()
    {
        if (data is null)
        {
            return;
        }

        if (mapped > 0)
        {
            _ = Unmap(mapping, mapped);
        }
        else
        {
            NativeMemory.AlignedFree(data);
        }

        data = null;
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);
}
