using Orca.Model;
using Orca.Model.Checkpoints;
using Orca.Training.Packing;
using Orca.Training.Parameters;

namespace Orca.Training.Checkpoints;

/// <summary>
/// Publishes a run's checkpoints, when they are due, and goes on from the latest. Each is written from a snapshot, one at a time, while
/// training goes on. Used by the trainer's thread.
/// </summary>
internal sealed class CheckpointKeeper : IDisposable
{
    private readonly TrainerOptions options;
    private readonly TrainingRun run;
    private readonly TimeProvider time;
    private readonly HeldCheckpoint reading = new();
    private CheckpointWrite? write;
    private string? parent;
    private TimeSpan held;
    private long lastAttempt;

    public CheckpointKeeper(TrainerOptions options, TrainingRun run, TimeProvider time)
    {
        (this.options, this.run, this.time) = (options, run, time);
        lastAttempt = time.GetTimestamp();
    }

    /// <summary>Whether this run publishes at all.</summary>
    public bool Publishes => run.CheckpointRoot is not null;

    /// <summary>Step of the newest checkpoint; null where there is none.</summary>
    public long? PublishedStep { get; private set; }

    /// <summary>Step of the checkpoint that is being written; null where none is.</summary>
    public long? StepUnderWay => write?.Step;

    /// <summary>Ends with the checkpoint that is being written; null where none is.</summary>
    public Task? UnderWay => write?.End;

    /// <summary>Folder of the newest checkpoint; null where there is none.</summary>
    public string? LastFolder { get; private set; }

    /// <summary>What went wrong at the last attempt; null where nothing did.</summary>
    public string? LastFault { get; private set; }

    /// <summary>Whether a checkpoint is due after a step. By time none is while another is being written.</summary>
    public bool IsDue(long step) => Publishes && step != PublishedStep && step != StepUnderWay
        && ((options.PublishEverySteps > 0 && step % options.PublishEverySteps == 0)
            || (options.PublishEvery is { } interval && write is null && time.GetElapsedTime(lastAttempt) >= interval));

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
        (PublishedStep, LastFolder, parent) = (saved.State.Step, checkpoint.Folder, checkpoint.Folder);
        return saved;
    }

    /// <summary>Opens an earlier checkpoint of this run to go back to it; it is kept until that is disposed.</summary>
    /// <param name="name">Name of its folder.</param>
    /// <param name="learner">Who is to go back; stays as it is.</param>
    /// <param name="now">The run's counters.</param>
    /// <param name="fault">Why it cannot be gone back to; null where it can.</param>
    public EarlierCheckpoint? Reopen(string name, Learner learner, TrainerState now, out string? fault)
    {
        fault = "This run has no folder for checkpoints, so there is none to go back to.";
        if (run.CheckpointRoot is not { } root)
        {
            return null;
        }

        var holding = reading.Hold(Path.Combine(root, name));
        try
        {
            fault = null;
            return EarlierCheckpoint.Open(root, name, run.Student, learner, options, now, holding);
        }
        catch (Exception e) when (e is ModelFormatException or TrainingException or IOException or UnauthorizedAccessException)
        {
            holding.Dispose();
            fault = $"The student stays as it is, since it cannot go back to '{name}': {e.Message}";
            return null;
        }
    }

    /// <summary>What is published next comes from an earlier checkpoint; not while another is being written.</summary>
    public void GoOnFrom(EarlierCheckpoint earlier) => parent = earlier.Folder;

    /// <summary>Begins to publish a step; not while another is being written.</summary>
    /// <returns>Where nothing is to be written, what became of it: the step is published already, or there is no place for it.</returns>
    public Publication? Begin(Learner learner, TrainerState state, PackerState packer)
    {
        if (state.Step == PublishedStep)
        {
            return new Publication(state.Step, LastFolder, null, TimeSpan.Zero, TimeSpan.Zero);
        }

        if (run.CheckpointRoot is not { } root)
        {
            LastFault = "This run has no folder for checkpoints; name one to publish.";
            return new Publication(state.Step, null, LastFault, TimeSpan.Zero, TimeSpan.Zero);
        }

        lastAttempt = time.GetTimestamp();
        var curriculum = run.Curriculum?.Invoke(packer.Taken);
        var snapshot = RunSnapshot.Of(learner, options, new SavedRun(state, packer, TrainingRecipe.Of(options)), curriculum);
        write = new CheckpointWrite(root, Draft(snapshot), snapshot, () => reading.Prune(root, options.KeepCheckpoints));
        if (options.PublishInBackground)
        {
            write.InBackground();
        }
        else
        {
            write.Now();
        }

        held = time.GetElapsedTime(lastAttempt);
        return null;
    }

    /// <summary>What became of the checkpoint that was being written; null where none was, or it still is.</summary>
    public Publication? TakeEnded() => write?.End.IsCompleted == true ? Wait() : null;

    /// <summary>The same, when it has been written; null where none is.</summary>
    public Publication? Wait()
    {
        if (write is null)
        {
            return null;
        }

        var from = time.GetTimestamp();
        using var ended = write;
        var (folder, fault) = ended.End.GetAwaiter().GetResult();
        write = null;
        LastFault = fault;
        (PublishedStep, LastFolder, parent) = folder is null ? (PublishedStep, LastFolder, parent) : (ended.Step, folder, folder);
        // One reading for both, so that training never stood still for longer than it took.
        var now = time.GetTimestamp();
        return new Publication(
            ended.Step, folder, fault, time.GetElapsedTime(lastAttempt, now), held + time.GetElapsedTime(from, now));
    }

    /// <summary>Waits for the checkpoint that is being written.</summary>
    public void Dispose() => write?.Dispose();

    private CheckpointDraft Draft(RunSnapshot snapshot) => new()
    {
        Step = snapshot.Saved.State.Step,
        Parent = parent is null ? null : Path.GetFileName(parent),
        Config = run.Student.Config,
        Tokenizer = run.Student.Tokenizer,
        Template = run.Student.Template,
        Weights = snapshot.Weights,
        WeightType = options.PublishedWeights.ToScalarType(),
        CurriculumRevision = snapshot.Curriculum?.Revision ?? 0,
        Created = time.GetUtcNow(),
        Extras = [new(TrainerFolder.Name, folder => TrainerFolder.Write(folder, snapshot))],
    };
}
