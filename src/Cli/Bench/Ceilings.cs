using Orca.Cli.Commands;
using Orca.Cli.Doctor;
using Orca.Model.Inference;
using Orca.Model.Inference.Cpu;
using Orca.Model.Inference.Cpu.Kernels;
using Orca.Model.Inference.Cpu.Machine;
using TorchSharp;

namespace Orca.Cli.Bench;

/// <summary>What a device can do at most, measured on it: what it reads from memory, and what it multiplies.</summary>
/// <param name="device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
/// <param name="threads">Threads on the processor.</param>
internal sealed class Ceilings(string device, int threads)
{
    // Where a processor shares hundreds of MiB of cache with others, a smaller buffer would stay there.
    private const int Bytes = 1 << 30;

    private const int Tries = 1;

    /// <summary>Bytes a second, now: on a shared machine it changes from minute to minute.</summary>
    public double ReadBytesPerSecond() =>
        device == "cpu" ? MemoryBandwidth.Measure(threads, Tries, Bytes) : Rates.ReadBytesPerSecond(Devices.Open(device));

    /// <summary>How fast a model's products are, and what computes them.</summary>
    public KernelRate Products(IInferenceModel model) => model is CpuInferenceModel own
        ? own.MeasureProducts()
        : new KernelRate("libtorch, bf16", Rates.ProductFlopsPerSecond(torch.ScalarType.BFloat16, Devices.Open(device)));
}
