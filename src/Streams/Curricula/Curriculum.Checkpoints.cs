using Orca.Streams.Bus;
using Orca.Streams.Tasks;

namespace Orca.Streams.Curricula;

/// <content>Its state in training checkpoints.</content>
public sealed partial class Curriculum
{
    /// <summary>
    /// The state after the last lesson that was read from <see cref="Lessons"/>, for the checkpoint of a trainer that keeps by itself what
    /// it has read and not trained. Call it where the lessons are read, between two reads.
    /// </summary>
    public byte[] Snapshot() => new CurriculumState(state.Control with { SettingsMixture = options.Mixture }, lastTaken).ToBytes();

    /// <summary>
    /// Goes on from a snapshot; before <see cref="RunAsync"/>. Lessons given out after it are given out again, in the same order.
    /// </summary>
    /// <remarks>
    /// With another store than the snapshot's, what that one holds is taught from its beginning, in the snapshot's stage.
    /// </remarks>
    /// <exception cref="TaskFormatException">It is no snapshot, or its stage is not among the settings' stages.</exception>
    public void Restore(ReadOnlySpan<byte> snapshot)
    {
        var (control, progress) = CurriculumState.FromBytes(snapshot);
        var stage = options.Stages.IndexOf(progress.Stage);
        if (stage < 0)
        {
            throw new TaskFormatException(
                $"The checkpoint stands in the stage '{progress.Stage}', the settings name "
                    + $"{string.Join(", ", options.Stages.Select(known => known.Name))}; "
                + "name it again or start in another folder.");
        }

        if (progress.Store != store.Id || progress.Taken > accepted[stage])
        {
            progress = progress with { Store = store.Id, Taken = 0, Replay = new ReplayProgress() };
        }

        if (control.SettingsMixture != options.Mixture)
        {
            control = control with { Mixture = options.Mixture, SettingsMixture = options.Mixture };
        }

        lastTaken = progress;
        MoveTo(new CurriculumState(control, progress));
        RepeatJournal();
    }
}
