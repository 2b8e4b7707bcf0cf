using Orca.Model.Checkpoints;

namespace Orca.Serving.Checkpoints;

/// <summary>How far the check of a checkpoint is. Written by one thread, read by another.</summary>
internal sealed class CheckProgress
{
    private int tensors;
    private int seen;
    private long step;

    /// <summary>The checkpoint is open.</summary>
    public void Begin(Checkpoint checkpoint)
    {
        Volatile.Write(ref step, checkpoint.Manifest?.Step ?? 0);
        Volatile.Write(ref tensors, checkpoint.WeightCount);
    }

    /// <summary>So many weights have been read.</summary>
    public void Seen(int count) => Volatile.Write(ref seen, count);

    /// <summary>Puts it on record.</summary>
    public VersionRecord Note(VersionRecord record) => record with
    {
        Tensors = Volatile.Read(ref tensors),
        TensorsChecked = Volatile.Read(ref seen),
        TrainerStep = Volatile.Read(ref step),
    };
}
