using Microsoft.Extensions.Hosting;
using Orca.Model.Inference.Cpu.Machine;
using Orca.Serving.Engine;

namespace Orca.Serving.Observability;

/// <summary>
/// Measures the memory's speed once a process, in a moment when nobody is answered: beside a request it would disturb, and be
/// disturbed. Where there is no such moment it is measured all the same, since a disturbed figure tells more than none.
/// </summary>
internal sealed class BandwidthMeasurement(InferenceEngine engine) : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private const int MostTicks = 30;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Tick);
        try
        {
            for (var tick = 1; MemoryBandwidth.Known is null && await timer.WaitForNextTickAsync(stoppingToken); tick++)
            {
                if (engine.Load.Running == 0 || tick == MostTicks)
                {
                    _ = await Task.Run(() => MemoryBandwidth.OfThisMachine, CancellationToken.None);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server ends, or did not even begin: where its port is taken the host says that, and need say no more.
        }
    }
}
