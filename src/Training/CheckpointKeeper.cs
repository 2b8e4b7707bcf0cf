using Orca.Training.Packing;

namespace Orca.Training;

/// <summary>Publishes checkpoints and resumes from them. Until checkpoints exist, every attempt is a reported fault.</summary>
internal sealed class CheckpointKeeper
{
    private const string Missing = "Checkpoints are not written yet.";

    public long? PublishedStep { get; private set; }

    public string? LastFolder { get; private set; }

    public string? LastFault { get; private set; }

    public bool IsDue(long step) => false;

    public (TrainerState State, PackerState Packer)? Resume(Learner learner) => null;

    public Publication Publish(Learner learner, TrainerState state, PackerState packer)
    {
        LastFault = Missing;
        return new Publication(state.Step, null, Missing, TimeSpan.Zero);
    }
}
