using Orca.Model.Checkpoints;
using Orca.Training.Packing;
using Orca.Training.Parameters;
using static TorchSharp.torch;

namespace Orca.Training.Checkpoints;

/// <summary>Publishes a run's checkpoints, when they are due, and goes on from the latest. Used by the trainer's thread.</summary>
internal sealed class CheckpointKeeper
{
    private readonly TrainerOptions options;
    private readonly TrainingRun run;
    private readonly TimeProvider time;
    private readonly CheckpointRoot? root;
    private long lastAttempt;

    public CheckpointKeeper(TrainerOptions options, TrainingRun run, TimeProvider time)
    {
        (this.options, this.run, this.time) = (options, run, time);
        root = run.CheckpointRoot is { } path ? new CheckpointRoot(path) : null;
        lastAttempt = time.GetTimestamp();
    }

    /// <summary>Whether this run publishes at all.</summary>
    public bool Publishes => root is not null;

    /// <summary>Step of the newest checkpoint; null where there is none.</summary>
    public long? PublishedStep { get; private set; }

    /// <summary>Folder of the newest checkpoint; null where there is none.</summary>
    public string? LastFolder { get; private set; }

    /// <summary>What went wrong at the last attempt; null where nothing did.</summary>
    public string? LastFault { get; private set; }

    /// <summary>Whether a checkpoint is due after a step.</summary>
    public bool IsDue(long step) => Publishes && step != PublishedStep
        && ((options.PublishEverySteps > 0 && step % options.PublishEverySteps == 0)
            || (options.PublishEvery is { } interval && time.GetElapsedTime(lastAttempt) >= interval));

    /// <summary>Brings a learner to the state of the latest checkpoint.</summary>
    /// <returns>What goes on beside the learner; null where there is no checkpoint, and nothing has changed.</returns>
    /// <exception cref="TrainingException">It holds another student or recipe, or no trainer's state.</exception>
    /// <exception cref="Orca.Model.ModelFormatException">It is damaged, and so is every other.</exception>
    public SavedRun? Resume(Learner learner)
    {
        using var checkpoint = run.CheckpointRoot is { } path ? LastGoodCheckpoint.Open(path, passedOver: null) : null;
        if (checkpoint is null)
        {
            return null;
        }

        var saved = TrainerFolder.Read(checkpoint, run.Student, learner, options);
        (PublishedStep, LastFolder) = (saved.State.Step, checkpoint.Folder);
        return saved;
    }

    /// <summary>Publishes, unless this step is published already.</summary>
    public Publication Publish(Learner learner, TrainerState state, PackerState packer)
    {
        if (state.Step == PublishedStep)
        {
            return new Publication(state.Step, LastFolder, null, TimeSpan.Zero);
        }

        lastAttempt = time.GetTimestamp();
        var (folder, fault) = root is null
            ? (null, "This run has no folder for checkpoints; name one to publish.")
            : Write(run.CheckpointRoot!, learner, state, packer);
        LastFault = fault;
        return new Publication(state.Step, folder, fault, time.GetElapsedTime(lastAttempt));
    }

    private (string? Folder, string? Fault) Write(string path, Learner learner, TrainerState state, PackerState packer)
    {
        string? folder = null;
        try
        {
            using var scope = NewDisposeScope();
            folder = CheckpointPublisher.Publish(path, Draft(learner, new SavedRun(state, packer, TrainingRecipe.Of(options))));
            (PublishedStep, LastFolder) = (state.Step, folder);
            root!.Prune(options.KeepCheckpoints);
            return (folder, null);
        }
        catch (CheckpointException e)
        {
            return (folder, e.Message);
        }
    }

    private CheckpointDraft Draft(Learner learner, SavedRun saved)
    {
        var type = options.PublishedWeights.ToScalarType();
        var isNarrower = type != ScalarType.Float32 && !options.ParameterForms.AreWeightsBFloat16;
        var curriculum = run.Curriculum?.Invoke(saved.Packer.Taken);
        return new CheckpointDraft
        {
            Step = saved.State.Step,
            Parent = LastFolder is null ? null : Path.GetFileName(LastFolder),
            Config = run.Student.Config,
            Tokenizer = run.Student.Tokenizer,
            Template = run.Student.Template,
            Weights = learner.Parameters.Names.ToDictionary(name => name, learner.Parameters.Weights),
            WeightType = type,
            CurriculumRevision = curriculum?.Revision ?? 0,
            Created = time.GetUtcNow(),
            Extras = [new(
                TrainerFolder.Name, folder => TrainerFolder.Write(folder, learner, saved, curriculum, isNarrower))],
        };
    }
}
