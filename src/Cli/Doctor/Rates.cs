using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Cli.Doctor;

/// <summary>How fast memory and the matrix units are: the ceilings that training and serving work under.</summary>
internal static class Rates
{
    private const string Section = "rates";

    // Far beyond any cache, so that memory is measured and nothing else.
    private const int Bytes = 256 * 1024 * 1024;

    private const int Side = 2048;

    public static IEnumerable<Finding> Findings(Device device)
    {
        yield return new Finding(Section, "copy", Bandwidth(2.0 * Bytes / CopySeconds(device)));
        yield return new Finding(Section, "stream read", Bandwidth(Bytes / (device.type == DeviceType.CPU ? ReadSeconds() : SumSeconds(device))));
        yield return new Finding(Section, "matrix product fp32", Gemm(ScalarType.Float32, device));
        yield return new Finding(Section, "matrix product bf16", Gemm(ScalarType.BFloat16, device));
    }

    private static double CopySeconds(Device device)
    {
        using var scope = NewDisposeScope();
        var from = ones(Bytes / sizeof(float), device: device);
        var to = zeros_like(from);
        return Stopwatch.Best(device, () => to.copy_(from));
    }

    private static double SumSeconds(Device device)
    {
        using var scope = NewDisposeScope();
        var numbers = ones(Bytes / sizeof(float), device: device);
        return Stopwatch.Best(device, () => numbers.sum().Dispose());
    }

    // In C#, one thread a core: libtorch's reductions are bound by arithmetic before memory.
    private static double ReadSeconds()
    {
        var numbers = GC.AllocateUninitializedArray<ulong>(Bytes / sizeof(ulong));
        numbers.AsSpan().Fill(1);
        var threads = Environment.ProcessorCount;
        var share = numbers.Length / threads;
        var results = new ulong[threads];
        return Stopwatch.Best(CPU, () => Parallel.For(0, threads, thread => results[thread] = Xor(numbers.AsSpan(thread * share, share))));
    }

    private static ulong Xor(ReadOnlySpan<ulong> numbers)
    {
        var vectors = MemoryMarshal.Cast<ulong, Vector<ulong>>(numbers);
        var (a, b, c, d) = (Vector<ulong>.Zero, Vector<ulong>.Zero, Vector<ulong>.Zero, Vector<ulong>.Zero);
        for (var i = 0; i + 3 < vectors.Length; i += 4)
        {
            a ^= vectors[i];
            b ^= vectors[i + 1];
            c ^= vectors[i + 2];
            d ^= vectors[i + 3];
        }

        return Vector.Sum(a ^ b ^ c ^ d);
    }

    private static string Gemm(ScalarType format, Device device)
    {
        using var scope = NewDisposeScope();
        var left = randn(Side, Side, device: device).to(format);
        var right = randn(Side, Side, device: device).to(format);
        var seconds = Stopwatch.Best(device, () => left.matmul(right).Dispose());
        return string.Create(CultureInfo.InvariantCulture, $"{2.0 * Side * Side * Side / seconds / 1e9:F0} GFLOP/s ({Side} × {Side})");
    }

    private static string Bandwidth(double bytesPerSecond) =>
        string.Create(CultureInfo.InvariantCulture, $"{bytesPerSecond / 1e9:F1} GB/s");
}
