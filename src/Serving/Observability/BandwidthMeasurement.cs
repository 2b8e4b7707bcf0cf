using Microsoft.Extensions.Hosting;
using Orca.Model.Inference.Cpu.Machine;

namespace Orca.Serving.Observability;

/// <summary>Measures the memory's speed once, as the first server of the process starts: later it would disturb, and be disturbed.</summary>
internal sealed class BandwidthMeasurement : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Run(() => MemoryBandwidth.OfThisMachine, CancellationToken.None);
}
