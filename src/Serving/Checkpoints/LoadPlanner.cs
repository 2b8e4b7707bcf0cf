using Microsoft.Extensions.Logging;
using Orca.Model.Native;
using Orca.Serving.Engine;

namespace Orca.Serving.Checkpoints;

/// <summary>Decides how a checkpoint comes into this machine's memory.</summary>
internal sealed class LoadPlanner(EngineOptions engine, LoadingOptions options, ILogger logger)
{
    /// <summary>Decides.</summary>
    /// <param name="candidate">The checkpoint.</param>
    /// <param name="loaded">What is in memory.</param>
    /// <exception cref="LoadRefusedException">It is larger than is allowed.</exception>
    public PlannedLoad Plan(OpenedCheckpoint candidate, LoadedVersions loaded)
    {
        var active = loaded.Active;
        var bytes = active?.Source.Opened.Source.Config == candidate.Source.Config
            ? active.WeightBytes
            : candidate.WeightBytes(engine.Inference.Weights);
        if (bytes > options.MaxWeightBytes)
        {
            throw new LoadRefusedException(
                $"'{candidate.Source.Folder}' needs {bytes} bytes for its weights; {options.MaxWeightBytes} are allowed: raise "
                    + "serving.maxWeightBytes, or serve it in fewer bits.");
        }

        // What a device has left is its driver's knowledge; there the plan is double buffering unless asked otherwise.
        var available = engine.Inference.Device == "cpu" ? MachineMemory.AvailableBytes() : long.MaxValue;
        var plan = MemoryPlanner.Plan(
            options, bytes, candidate.PassingBytes, active?.WeightBytes,
            [.. loaded.Kept.Select(version => (version.Number, version.WeightBytes))], available);
        if (plan.InPlace)
        {
            LoaderLog.InPlace(logger, candidate.Source.Folder, available);
        }

        return plan;
    }
}
