using System.Diagnostics;
using Orca.Model.Inference.Cpu.Machine;
using Orca.Model.Inference.Cpu.Panels;

namespace Orca.Model.Inference.Cpu.Kernels;

/// <summary>
/// How fast a kernel is when nothing but arithmetic limits it: its tallest tile, over weights and inputs that stay in the first-level
/// cache.
/// </summary>
internal sealed unsafe class KernelTiming : IDisposable
{
    private const int WeightBytes = 16 << 10;
    private const int RunsOfTry = 4;

    private readonly TileKernel kernel;
    private readonly int units;
    private readonly NativeBuffer weights;
    private readonly NativeBuffer rows;
    private readonly NativeBuffer sums;

    /// <param name="kernel">What is timed.</param>
    public KernelTiming(TileKernel kernel)
    {
        this.kernel = kernel;
        var format = kernel.Panels;
        units = WeightBytes / format.UnitBytes();
        weights = new NativeBuffer(units * format.UnitBytes());
        rows = new NativeBuffer(units * kernel.MaxRows * kernel.Inputs.UnitWords() * sizeof(float));
        sums = new NativeBuffer(kernel.MaxRows * PanelFormats.PanelOutputs * sizeof(float));
    }

    /// <summary>
    /// Multiply-adds a second, each counted as two: the best of some tries of microseconds, since whatever disturbs only slows it down.
    /// </summary>
    public double FlopsPerSecond(int tries)
    {
        var tile = new Tile
        {
            Weights = weights.Data,
            Rows = rows.Data,
            Units = units,
            Outputs = sums.Floats,
            OutputBytes = PanelFormats.PanelOutputs * sizeof(float),
            Ahead = weights.Data,
        };
        var least = double.MaxValue;
        for (var i = 0; i < tries; i++)
        {
            var started = Stopwatch.GetTimestamp();
            for (var run = 0; run < RunsOfTry; run++)
            {
                kernel.Run(kernel.MaxRows, TileKernel.MaxShare, tile);
            }

            least = Math.Min(least, Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        return 2.0 * RunsOfTry * units * kernel.Panels.UnitInputs() * kernel.MaxRows * PanelFormats.PanelOutputs / least;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        weights.Dispose();
        rows.Dispose();
        sums.Dispose();
    }
}
