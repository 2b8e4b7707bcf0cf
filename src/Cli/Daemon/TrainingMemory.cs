using Orca.Cli.Configuration;
using Orca.Model.Native;
using Orca.Model.Network;
using Orca.Training;
using Orca.Training.Checkpoints;
using Orca.Training.Memory;
using Orca.Training.Parameters;

namespace Orca.Cli.Daemon;

/// <summary>In which form a run trains its student, so that it fits beside the server.</summary>
/// <param name="Options">The trainer's options.</param>
/// <param name="Ledger">What they take.</param>
/// <param name="Line">That in a sentence, with what was chosen.</param>
internal sealed record TrainingMemory(TrainerOptions Options, MemoryLedger Ledger, string Line)
{
    // Conversations of full length that a server is expected to hold at once; what it may hold at most is a setting.
    private const long Contexts = 8;

    /// <summary>Decides, before anything is asked of a teacher and paid for.</summary>
    /// <exception cref="TrainingException">
    /// It does not fit, or the run was trained otherwise until now; the message says what to change.
    /// </exception>
    public static TrainingMemory Of(OrcaSettings settings, Student student, LatestCheckpoint? latest)
    {
        var wanted = settings.Training.ToOptions(settings.Run, settings.Student, student.Config.MaxPositions, latest?.Recipe);
        // Where the driver does not say what is free, the trainer says that there is no such device.
        var (free, beside) = (DeviceMemory.FreeBytes(wanted.Device) ?? long.MaxValue, Beside(settings, student.Config, wanted).ToArray());
        var options = settings.Training.Plan == PlanKind.Auto
            ? MemoryPlan.Fitting(student.Config, wanted, free, beside) ?? wanted
            : wanted;
        latest?.Recipe?.RequireSame(options, latest.Folder);
        latest?.State.Base?.Require(student);
        var ledger = MemoryPlan.Require(student.Config, options, free, beside);
        var chosen = string.Join(", ", MemoryPlan.Changes(wanted, options));
        return new TrainingMemory(
            options, ledger,
            $"training takes about {MemoryPlan.Text(ledger.Bytes)} of {MemoryPlan.Text(free)} that are free ({MemoryPlan.Parts(ledger)})"
                + (chosen.Length == 0 ? "" : $"; to fit: {chosen}"));
    }

    private static IEnumerable<MemoryEntry> Beside(OrcaSettings settings, LlamaConfig config, TrainerOptions options)
    {
        if (!settings.Run.Has("serve"))
        {
            yield break;
        }

        var each = options.PublishedWeights == ComputeType.Float32 ? sizeof(float) : sizeof(short);
        yield return new("a server's weights", (settings.Serving.KeepVersions + 1L) * config.ParameterCount * each);
        var position = 2L * config.Layers * config.KvHeads * config.HeadDim * each;
        var length = Math.Min(config.MaxPositions, settings.Serving.MaxContextTokens ?? int.MaxValue);
        yield return new("its cache", Math.Min((long)settings.Serving.MaxCacheMebibytes << 20, Contexts * length * position));
    }
}
