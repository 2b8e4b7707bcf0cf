using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Orca.Cli.Doctor;

/// <summary>The machine and the runtime.</summary>
internal static class PlatformFacts
{
    private const string Section = "platform";

    public static IEnumerable<Finding> Findings()
    {
        yield return new Finding(Section, "system", $"{RuntimeInformation.OSDescription.Trim()} ({RuntimeInformation.RuntimeIdentifier})");
        yield return new Finding(Section, "runtime", $"{RuntimeInformation.FrameworkDescription}, "
            + $"{(System.Runtime.GCSettings.IsServerGC ? "server" : "workstation")} garbage collector");
        yield return new Finding(Section, "cores", $"{Environment.ProcessorCount}");
        yield return new Finding(Section, "memory", $"{Size.Text(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)}");
        yield return new Finding(Section, "SIMD", Simd());
    }

    private static string Simd()
    {
        (string Name, bool Here)[] sets =
        [
            ("AVX2", Avx2.IsSupported), ("FMA", Fma.IsSupported), ("AVX-VNNI", AvxVnni.IsSupported),
            ("AVX-512F", Avx512F.IsSupported), ("AVX-512BW", Avx512BW.IsSupported), ("AVX-512VBMI", Avx512Vbmi.IsSupported),
            ("AdvSimd", System.Runtime.Intrinsics.Arm.AdvSimd.IsSupported), ("DotProd", System.Runtime.Intrinsics.Arm.Dp.IsSupported),
        ];
        var here = sets.Where(set => set.Here).Select(set => set.Name).ToArray();
        return here.Length == 0 ? "none that Orca knows" : string.Join(", ", here);
    }
}
