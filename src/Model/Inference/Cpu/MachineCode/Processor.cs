using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Orca.Model.Inference.Cpu.MachineCode;

/// <summary>What this processor can do beyond what .NET asks it for (Intel's Software Developer's Manual, volume 2, CPUID).</summary>
internal static partial class Processor
{
    private const int StructuredFeatures = 7;

    /// <summary>Whether generated kernels run here: x86-64 with AVX-512, and the calling convention they are written for.</summary>
    public static bool RunsKernels { get; } =
        OperatingSystem.IsLinux()
            && RuntimeInformation.ProcessArchitecture == Architecture.X64
            && Avx512F.IsSupported
            && Avx512BW.IsSupported;

    /// <summary>Whether it is Intel's: the middle of the vendor's name, "ineI".</summary>
    public static bool IsIntel { get; } = X86Base.IsSupported && X86Base.CpuId(0, 0).Edx == 0x4965_6E69;

    /// <summary>AVX512_VNNI: products of bytes, four at a time.</summary>
    public static bool HasByteDot { get; } = RunsKernels && Has(X86Base.CpuId(StructuredFeatures, 0).Ecx, 11);

    /// <summary>AVX512_BF16: products of bf16, two at a time.</summary>
    public static bool HasBFloat16Dot { get; } =
        RunsKernels && X86Base.CpuId(StructuredFeatures, 0).Eax >= 1 && Has(X86Base.CpuId(StructuredFeatures, 1).Eax, 5);

    // The system lets a process use the tile registers once it has asked for them: their contents make every thread's state larger.
    private const long ArchitecturePrivileges = 158;
    private const long RequestPermission = 0x1023;
    private const long TileData = 18;

    private static readonly Lazy<bool> TilesAllowed = new(() =>
        RunsKernels
            && Has(X86Base.CpuId(StructuredFeatures, 0).Edx, 24)
            && SystemCall(ArchitecturePrivileges, RequestPermission, TileData) == 0);

    /// <summary>AMX_BF16: products of small matrices of bf16, where the system allows them too (since Linux 5.16).</summary>
    public static bool HasBFloat16Tiles => TilesAllowed.Value && Has(X86Base.CpuId(StructuredFeatures, 0).Edx, 22);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial long SystemCall(long number, long code, long feature);

    private static bool Has(int register, int bit) => (register & (1 << bit)) != 0;
}
