using System.Runtime.InteropServices;

namespace Orca.Model.Native;

/// <summary>What glibc does with large memory that libtorch has freed.</summary>
public static partial class FreedMemory
{
    // From glibc's malloc.h.
    private const int TrimThreshold = -1;
    private const int TopPad = -2;
    private const int MostMappings = -4;
    private const int MostArenas = -8;

    // Above what a heap holds, so that none of a thread's heaps is given back; of the address space alone.
    private const int PadBytes = 1 << 30;
    private const int Never = -1;

    /// <summary>
    /// Keeps it for what is allocated next, in this process from now on: by itself, glibc gives every large tensor back to the system,
    /// which clears it page by page when the next step asks for as much again. That took as long as half of a training step. Does
    /// nothing where there is no glibc.
    /// </summary>
    public static void Keep()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            // Several arenas would each keep as much, and give back what fills one of their heaps.
            _ = SetOption(MostArenas, 1);
            _ = SetOption(MostMappings, 0);
            _ = SetOption(TrimThreshold, Never);
            _ = SetOption(TopPad, PadBytes);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library, with habits of its own.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);
}
