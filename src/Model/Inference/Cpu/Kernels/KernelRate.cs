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

    private static readonly (string Name, PanelFormat Format)[] Weights =
    [
        ("fp32", PanelFormat.Fp32), ("bf16", PanelFormat.Bf16), ("int8", PanelFormat.Int8), ("int4", PanelFormat.Int4),
        ("q4_K", PanelFormat.Q4K), ("q5_K", PanelFormat.Q5K), ("q6_K", PanelFormat.Q6K),
    ];

    /// <summary>Each format that weights are kept in and its rate, measured in some tens of milliseconds.</summary>
    /// <param name="threads">Threads that compute at once.</param>
    public static IEnumerable<(string Format, KernelRate Rate)> MeasureAll(int threads) =>
        Weights.Select(weights => (weights.Name, Measure(weights.Format, threads)));

    /// <summary>The rate of one format.</summary>
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
