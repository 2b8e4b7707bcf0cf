using System.Runtime.InteropServices;

namespace Orca.Model.Inference.Cpu.MachineCode;

/// <summary>
/// Code that was generated, ready to be called. Written first and made executable afterwards: its pages are never both. Kept as
/// long as the process runs, as compiled code is.
/// </summary>
internal static unsafe partial class ExecutableMemory
{
    private const int Read = 1;
    private const int Write = 2;
    private const int Execute = 4;
    private const int PrivateAndAnonymous = 0x22;
    private static readonly nint Failed = -1;

    /// <summary>Takes code in, or returns null where the system forbids it.</summary>
    public static byte* TryPlace(ReadOnlySpan<byte> code)
    {
        var memory = Map(0, (nuint)code.Length, Read | Write, PrivateAndAnonymous, -1, 0);
        if (memory == Failed)
        {
            return null;
        }

        code.CopyTo(new Span<byte>((byte*)memory, code.Length));
        if (Protect(memory, (nuint)code.Length, Read | Execute) == 0)
        {
            return (byte*)memory;
        }

        _ = Unmap(memory, (nuint)code.Length);
        return null;
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);
}
