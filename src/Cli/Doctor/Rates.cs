using System.Globalization;
using Orca.Model.Inference.Cpu.Kernels;
using Orca.Model.Inference.Cpu.Machine;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Cli.Doctor;

/// <summary>How fast memory and the matrix units are: the ceilings that training and serving work under.</summary>
internal static class Rates
{
    private const string Section = "rates";

    // Far beyond any cache, so that memory is measured and nothing else.
    private const int Bytes = 256 * 1024 * 1024;

    public static IEnumerable<Finding> Findings(Device device)
    {
        yield return new Finding(Section, "copy", Bandwidth(2.0 * Bytes / CopySeconds(device)));
        yield return new Finding(
            Section, "stream read", Bandwidth(device.type == DeviceType.CPU ? MemoryBandwidth.OfThisMachine : ReadBytesPerSecond(device)));
        yield return Product("matrix product fp32", ScalarType.Float32, device);
        yield return Product("matrix product bf16", ScalarType.BFloat16, device);
        if (device.type == DeviceType.CPU)
        {
            foreach (var (format, rate) in KernelRate.MeasureAll(Environment.ProcessorCount))
            {
                yield return new Finding(Section, $"own kernels {format}", $"{Gigaflops(rate.FlopsPerSecond)} at most ({rate.Kernel})");
            }
        }
    }

    /// <summary>What libtorch reads from a device's memory, in bytes a second.</summary>
    public static double ReadBytesPerSecond(Device device)
    {
        using var scope = NewDisposeScope();
        var numbers = ones(Bytes / sizeof(float), device: device);
        return Bytes / Stopwatch.Best(device, () => numbers.sum().Dispose());
    }

    /// <summary>What libtorch's matrix product does on a device: multiply-adds a second, each counted as two.</summary>
    public static double ProductFlopsPerSecond(ScalarType format, Device device)
    {
        using var scope = NewDisposeScope();
        var side = SideOn(device);
        var left = randn(side, side, device: device).to(format);
        var right = randn(side, side, device: device).to(format);
        return 2.0 * side * side * side / Stopwatch.Best(device, () => left.matmul(right).Dispose());
    }

    private static double CopySeconds(Device device)
    {
        using var scope = NewDisposeScope();
        var from = ones(Bytes / sizeof(float), device: device);
        var to = zeros_like(from);
        return Stopwatch.Best(device, () => to.copy_(from));
    }

    private static Finding Product(string name, ScalarType format, Device device) =>
        new(Section, name, $"{Gigaflops(ProductFlopsPerSecond(format, device))} ({SideOn(device)} × {SideOn(device)})");

    // Large enough to keep every unit busy, small enough not to be waited for.
    private static long SideOn(Device device) => device.type == DeviceType.CPU ? 2_048 : 8_192;

    private static string Gigaflops(double flopsPerSecond) =>
        string.Create(CultureInfo.InvariantCulture, $"{flopsPerSecond / 1e9:F0} GFLOP/s");

    private static string Bandwidth(double bytesPerSecond) =>
        string.Create(CultureInfo.InvariantCulture, $"{bytesPerSecond / 1e9:F1} GB/s");
}
