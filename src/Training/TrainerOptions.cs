using Orca.Training.Activations;
using Orca.Training.Adapters;
using Orca.Training.Optimization;
using Orca.Training.Packing;
using Orca.Training.Parameters;
using Orca.Training.Practice;

namespace Orca.Training;

/// <summary>
/// Settings of the trainer. The defaults suit a student of one to ten million parameters that starts from random weights on a few
/// processor cores.
/// </summary>
public sealed record TrainerOptions
{
    /// <summary>Rows of one micro-batch, 1 or more.</summary>
    public int BatchRows { get; init; } = 2;

    /// <summary>Tokens a row, 2 or more; a longer lesson is refused.</summary>
    public int SequenceLength { get; init; } = 512;

    /// <summary>Micro-batches whose gradients one optimizer step adds up, 1 or more.</summary>
    public int MicroBatches { get; init; } = 1;

    /// <summary>Lessons that wait beside those being packed, in rows' worth of tokens, 0 to 4096.</summary>
    public int PackingLookahead { get; init; } = PackingOptions.DefaultLookahead;

    /// <summary>Adapters that are trained in place of the student's own weights.</summary>
    public LoraOptions Lora { get; init; } = LoraOptions.None;

    /// <summary>What moves the matrices of the student's layers.</summary>
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.Muon;

    /// <summary>The learning rate over the run.</summary>
    public LearningRateSchedule Schedule { get; init; } = new();

    /// <summary>AdamW, which moves what Muon does not.</summary>
    public AdamWOptions AdamW { get; init; } = new();

    /// <summary>Muon, where it is chosen.</summary>
    public MuonOptions Muon { get; init; } = new();

    /// <summary>Practice, where the curriculum gives lessons of it.</summary>
    public PracticeOptions Practice { get; init; } = new();

    /// <summary>Largest norm of the whole gradient, above 0.</summary>
    public double MaxGradientNorm { get; init; } = 1;

    /// <summary>
    /// What the forward and backward passes compute in. 16 bit pays for large students, on a GPU or a processor with fast 16-bit products.
    /// </summary>
    public ComputeType Compute { get; init; } = ComputeType.Float32;

    /// <summary>How weights are kept between steps; narrower than float32 only where <see cref="Compute"/> is.</summary>
    public WeightForm Weights { get; init; } = WeightForm.Float32;

    /// <summary>How the optimizer's moments are kept between steps.</summary>
    public StateForm States { get; init; } = StateForm.Float32;

    /// <summary>What of a forward pass is computed again for the backward pass; changes neither loss nor gradients.</summary>
    public Recompute Recompute { get; init; } = Recompute.None;

    /// <summary>
    /// Whether each layer is moved as soon as the backward pass has left it, so that the gradients of one layer exist at a time: with one
    /// micro-batch a step, without clipping by the norm of all, and where layers are recomputed.
    /// </summary>
    public bool OptimizerInBackward { get; init; }

    /// <summary>What computes the products, all of a run the same; null: what is faster here (<see cref="ProductChoice"/>).</summary>
    public ProductKernels? Products { get; init; }

    /// <summary>Where: <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Processor threads of the trainer's operators, 0 to 1024; 0 leaves libtorch's choice.</summary>
    public int Threads { get; init; }

    /// <summary>Seed of the first weights, and of what is rounded at random.</summary>
    public long Seed { get; init; }

    /// <summary>Steps from one published checkpoint to the next, 0 or more; 0 publishes by time, by request and at the end only.</summary>
    public int PublishEverySteps { get; init; } = 100;

    /// <summary>Time from one published checkpoint to the next, above 0; null publishes by steps only.</summary>
    public TimeSpan? PublishEvery { get; init; }

    /// <summary>Whether a run that starts anew publishes its untrained student, so that a server has something to load.</summary>
    public bool PublishAtStart { get; init; } = true;

    /// <summary>What published weights are stored in. Below 32 bit the master weights go into the checkpoint beside them.</summary>
    public ComputeType PublishedWeights { get; init; } = ComputeType.Float32;

    /// <summary>
    /// Whether training goes on while a checkpoint is written, from a copy of weights and moments; else it stands still meanwhile, and no
    /// copy is held.
    /// </summary>
    public bool PublishInBackground { get; init; } = true;

    /// <summary>Newest checkpoints that are kept, 1 or more.</summary>
    public int KeepCheckpoints { get; init; } = 5;

    /// <summary>Step at which the run ends, counted from its very first start, 1 or more; null: none.</summary>
    public long? MaxSteps { get; init; }

    /// <summary>Time after which it ends, counted from this start, above 0, to 40 days; null: none.</summary>
    public TimeSpan? MaxDuration { get; init; }

    /// <summary>Steps in a row whose loss or gradient may be infinite or not a number before training stops, 1 or more.</summary>
    public int MaxFailedSteps { get; init; } = 10;

    /// <summary>Whether a run that goes on may be trained otherwise than before: by another <see cref="TrainingRecipe"/>.</summary>
    public bool ChangeRecipe { get; init; }

    /// <summary>
    /// Whether a run that goes on begins its schedule anew, with warm-up and the full rate. Else the rate goes on where it stood, and
    /// never rises again.
    /// </summary>
    public bool RestartSchedule { get; init; }

    /// <summary>What parameters are kept in.</summary>
    public ParameterForms ParameterForms => new()
    {
        // The server's kernels round what they multiply by themselves.
        Compute = ProductChoice.Of(this) == ProductKernels.Own ? ComputeType.Float32 : Compute,
        Weights = Weights,
        States = States,
        SumGradients = MicroBatches > 1,
        HoldGradients = !OptimizerInBackward,
    };

    /// <summary>Every fault of these settings, one sentence each, naming the key; empty where there is none.</summary>
    public IReadOnlyList<string> Faults() => TrainerOptionsFaults.Of(this);

    /// <summary>Throws where these settings have faults.</summary>
    /// <exception cref="TrainingException">Names all of them.</exception>
    public void Validate()
    {
        if (Faults() is { Count: > 0 } faults)
        {
            throw new TrainingException(string.Join(' ', faults));
        }
    }
}
