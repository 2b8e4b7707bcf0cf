using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Orca.Model.Weights;

/// <summary>
/// A stretch of addresses for the content of a file, or a part of one. Takes memory only where it is written to.
/// </summary>
internal sealed unsafe partial class PrivateMemory : IDisposable
{
    private const int ReadWrite = 3;
    private const int PrivateAnonymousUnreserved = 0x02 | 0x20 | 0x4000;
    private const int HugePages = 14;
    private const long HugePageBytes = 2 << 20;

    /// <param name="bytes">Its length, above 0.</param>
    /// <exception cref="OutOfMemoryException">There is no room for it.</exception>
    public PrivateMemory(long bytes)
    {
        Bytes = bytes;
        if (!OperatingSystem.IsLinux())
        {
            First = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, (nuint)Environment.SystemPageSize);
            return;
        }

        // Unreserved: a model larger than the memory can still be converted, weight by weight.
        var address = Map(0, (nuint)bytes, ReadWrite, PrivateAnonymousUnreserved, -1, 0);
        if (address == -1)
        {
            throw new OutOfMemoryException(
                $"There are no {bytes} bytes of addresses for a weight file: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}.");
        }

        First = (byte*)address;
        if (bytes >= 32 * HugePageBytes)
        {
            // Where the system declines, weights are read through small pages.
            _ = Advise(address, (nuint)bytes, HugePages);
        }
    }

    /// <summary>Its length.</summary>
    public long Bytes { get; }

    /// <summary>Address of the first byte; null once freed.</summary>
    public byte* First { get; private set; }

    public void Dispose()
    {
        if (First is null)
        {
            return;
        }

        if (OperatingSystem.IsLinux())
        {
            _ = Unmap((nint)First, (nuint)Bytes);
        }
        else
        {
            NativeMemory.AlignedFree(First);
        }

        First = null;
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int descriptor, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);
}
