using System.Runtime.InteropServices;

namespace Orca.Model.Inference.Cpu;

/// <summary>Memory outside of the managed heap, aligned to cache lines; large ones ask for huge pages.</summary>
internal sealed unsafe partial class NativeBuffer : IDisposable
{
    private const nuint HugePage = 2u << 20;
    private const int AdviceHugePage = 14;

    private void* data;

    /// <param name="bytes">Length; 0 is allowed.</param>
    /// <param name="zeroed">Whether it starts as zeros; else it is written by its user, whose threads then share the work of the first touch.</param>
    public NativeBuffer(long bytes, bool zeroed = true)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        Bytes = bytes;
        var isLarge = (nuint)bytes >= HugePage;
        var length = ((nuint)bytes + HugePage) & ~(isLarge ? HugePage - 1 : 63);
        data = NativeMemory.AlignedAlloc(length, isLarge ? HugePage : 64);
        if (isLarge && OperatingSystem.IsLinux())
        {
            // Weights are read from end to end at every step: with small pages a third of the bandwidth goes into looking them up.
            _ = Advise(data, length, AdviceHugePage);
        }

        if (zeroed)
        {
            NativeMemory.Clear(data, (nuint)bytes);
        }
    }

    /// <summary>Length in bytes.</summary>
    public long Bytes { get; }

    /// <summary>First byte.</summary>
    public byte* Data => data is null ? throw new ObjectDisposedException(nameof(NativeBuffer)) : (byte*)data;

    /// <summary>First value.</summary>
    public float* Floats => (float*)Data;

    /// <summary>Frees it.</summary>
    public void Dispose()
    {
        NativeMemory.AlignedFree(data);
        data = null;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint length, int advice);
}
