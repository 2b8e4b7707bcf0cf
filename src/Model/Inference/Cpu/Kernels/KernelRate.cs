using Orca.Model.Inference.Cpu.Panels;

namespace Orca.Model.Inference.Cpu.Kernels;

/// <summary>What computes products with weights of one format here, and how fast: the ceiling of prefill.</summary>
/// <param name="Kernel">What computes: <c>generated for AVX-512, pairs of bf16</c>, say.</param>
/// <param name="FlopsPerSecond">
/// Multiply-adds a second on all threads together, each counted as two, with weights and inputs in the first-level cache.
/// </param>
public sealed record KernelRate(string Kernel, double FlopsPerSecond)
{
    private const int Tries = 5_000;

    /// <summary>Measures it, in some tens of milliseconds.</summary>
    /// <param name="weights">fp32, bf16, int8 or int4.</param>
    /// <param name="threads">Threads that compute at once.</param>
    /// <exception cref="ArgumentOutOfRangeException">The format is none of these.</exception>
    public static KernelRate Measure(WeightFormat weights, int threads) => Measure(
        weights switch
        {
            WeightFormat.Fp32 => PanelFormat.Fp32,
            WeightFormat.Bf16 => PanelFormat.Bf16,
            WeightFormat.Int8 => PanelFormat.Int8,
            WeightFormat.Int4 => PanelFormat.Int4,
            _ => throw new ArgumentOutOfRangeException(nameof(weights), weights, "Weights as they are stored are of no one format."),
        },
        threads);

    /// <summary>The same of a panel's format.</summary>
    internal static KernelRate Measure(PanelFormat format, int threads)
    {
        var kernel = TileKernels.ForWeights(format);
        var rates = new double[threads];
        using var start = new Barrier(threads);
        var timers = Enumerable.Range(0, threads).Select(index => new Thread(() =>
        {
            using var timing = new KernelTiming(kernel);
            start.SignalAndWait();
            rates[index] = timing.FlopsPerSecond(Tries);
        })).ToArray();
        Array.ForEach(timers, timer => timer.Start());
        Array.ForEach(timers, timer => timer.Join());
        return new KernelRate(NameOf(kernel), rates.Sum());
    }

    private static string NameOf(TileKernel kernel) => (kernel.IsGenerated, kernel.Inputs) switch
    {
        (true, InputForm.BFloat16Rows) => "generated for AMX",
        (true, InputForm.BFloat16Pairs) => "generated for AVX-512, pairs of bf16",
        (true, InputForm.ByteGroups or InputForm.ByteSuperBlocks) => "generated for AVX-512, fours of bytes",
        (true, _) => "generated for AVX-512",
        _ => "plain C#",
    };
}
