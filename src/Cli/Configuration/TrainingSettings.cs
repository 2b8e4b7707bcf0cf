using Orca.Training;
using Orca.Training.Activations;
using Orca.Training.Adapters;
using Orca.Training.Optimization;
using Orca.Training.Parameters;
using Orca.Training.Practice;

namespace Orca.Cli.Configuration;

/// <summary>How the student is trained. Defaults are those of <see cref="TrainerOptions"/>.</summary>
internal sealed record TrainingSettings
{
    private const double TrainedLearningRate = 2e-5;

    // Twice that is for what Muon leaves to AdamW: embedding, head and norms.
    private const double WholeAdamWLearningRate = 2e-3;

    // Ten times that of a whole student's: an adapter begins at nothing, and its steps are narrow.
    private const double AdapterLearningRate = 2e-4;
    private const int TrainedBatchRows = 4;

    // The Orca paper's.
    private const int LongestRow = 2_048;
    private static readonly TrainerOptions Standard = new();

    [Setting(
        "Packed rows of one micro-batch; where absent, 2 for a student that starts from random weights, 4 for a trained one.",
        Unit = "rows", Minimum = 1, Maximum = 65_536)]
    public int? BatchRows { get; init; }

    [Setting(
        "Length of a packed row; where absent, as many tokens as the student has positions, up to 2048. A longer lesson is refused, and "
            + "comes back when rows become longer.", Unit = "tokens", Minimum = 2, Maximum = 1_048_576)]
    public int? SequenceLength { get; init; }

    [Setting("Micro-batches whose gradients one step adds up.", Minimum = 1, Maximum = 65_536)]
    public int MicroBatches { get; init; } = Standard.MicroBatches;

    [Setting("Lessons that wait beside those being packed, in rows' worth of tokens.", Unit = "rows", Minimum = 0, Maximum = 4_096)]
    public int PackingLookahead { get; init; } = Standard.PackingLookahead;

    /// <summary>Adapters that are trained in place of the student's own weights.</summary>
    public LoraSettings Lora { get; init; } = new();

    [Setting(
        "What moves the matrices of the student's layers, or of their adapters; where absent, Muon for a student that starts from random "
            + "weights, AdamW for a trained one and for adapters.")]
    public OptimizerKind? Optimizer { get; init; }

    [Setting("Highest learning rate of Muon's matrices; not used by AdamW.", Minimum = 1e-9, Maximum = 10)]
    public double MatrixLearningRate { get; init; } = Standard.Muon.LearningRate;

    [Setting("Decay of Muon's momentum.", Minimum = 0, Maximum = 0.999999)]
    public double Momentum { get; init; } = Standard.Muon.Momentum;

    [Setting(
        "Highest learning rate; where absent, 0.004 for a student that starts from random weights (0.002 where AdamW moves all of it), "
            + "0.00002 for a trained one, 0.0002 for adapters.", Minimum = 1e-9, Maximum = 1)]
    public double? LearningRate { get; init; }

    [Setting("Steps over which the learning rate rises to its peak.", Unit = "steps", Minimum = 0, Maximum = 1_000_000)]
    public int WarmUpSteps { get; init; } = Standard.Schedule.WarmUpSteps;

    [Setting("How the learning rate falls over a bounded run; an unbounded one keeps it.")]
    public DecayShape Decay { get; init; } = Standard.Schedule.Shape;

    [Setting("Share of the learning rate that is left at the end.", Minimum = 0, Maximum = 1)]
    public double FinalLearningRateFraction { get; init; } = Standard.Schedule.FinalFraction;

    [Setting("Share of the run that the decay 'LinearTail' takes.", Minimum = 1e-6, Maximum = 1)]
    public double DecayTailFraction { get; init; } = Standard.Schedule.TailFraction;

    [Setting("Decoupled decay of matrices.", Minimum = 0, Maximum = 10)]
    public double WeightDecay { get; init; } = Standard.AdamW.WeightDecay;

    [Setting("AdamW's decay of the first moment.", Minimum = 0, Maximum = 0.999999)]
    public double Beta1 { get; init; } = Standard.AdamW.Beta1;

    [Setting("AdamW's decay of the second moment.", Minimum = 0, Maximum = 0.999999)]
    public double Beta2 { get; init; } = Standard.AdamW.Beta2;

    [Setting("Added to the root of AdamW's second moment.", Minimum = 1e-30, Maximum = 1)]
    public double Epsilon { get; init; } = Standard.AdamW.Epsilon;

    [Setting("Largest norm of the whole gradient; 0 clips nothing.", Minimum = 0, Maximum = 1e6)]
    public double MaxGradientNorm { get; init; } = Standard.MaxGradientNorm;

    [Setting(
        "What a practised token counts beside a taught one: of lessons in which the student's own answer is held against what it would say "
            + "with the expert's explanation before it.", Minimum = 1e-6, Maximum = 1e6)]
    public double PracticeWeight { get; init; } = Standard.Practice.Weight;

    [Setting(
        "Likeliest next tokens that are compared one by one when practising; all others count as one.", Unit = "tokens", Minimum = 1,
        Maximum = 1_000_000)]
    public int PracticeTopTokens { get; init; } = Standard.Practice.TopTokens;

    [Setting(
        "'AsGiven' refuses to begin where what is given below does not fit into memory; 'Auto' takes the nearest that does.")]
    public PlanKind Plan { get; init; }

    [Setting("Numbers of the forward and backward pass.")]
    public ComputeType Compute { get; init; } = Standard.Compute;

    [Setting(
        "How weights are kept between steps: 'Float32'; or, where BFloat16 is computed with, 'Split', exactly the same in 4 bytes "
            + "instead of 6, or 'BFloat16' alone, 2 bytes, rounded at random.")]
    public WeightForm Weights { get; init; } = Standard.Weights;

    [Setting("How the optimizer's moments are kept between steps: 'Float32', or 'Int8' in blocks of 128, a quarter of the memory.")]
    public StateForm States { get; init; } = Standard.States;

    [Setting(
        "What of a forward pass is computed again for the backward pass instead of being kept: 'None'; 'Selective', the feed-forward "
            + "layers, a fifth more work; 'Full', everything but the layers' inputs, a third more.")]
    public Recompute Recompute { get; init; } = Standard.Recompute;

    [Setting(
        "Whether each layer is moved as soon as the backward pass has left it, so that one layer's gradients exist at a time; with "
            + "microBatches=1, maxGradientNorm=0 and recomputed layers.")]
    public bool OptimizerInBackward { get; init; }

    [Setting(
        "What computes the products, on the processor; where absent, the server's own kernels where libtorch leaves AVX-512 aside, and "
            + "what the run was trained by until now where it goes on.")]
    public ProductKernels? Products { get; init; }

    [Setting(
        "Steps between published checkpoints; 0 publishes on request and at the end only.", Unit = "steps", Minimum = 0,
        Maximum = 1_000_000)]
    public int PublishEverySteps { get; init; } = Standard.PublishEverySteps;

    [Setting(
        "Time between published checkpoints, beside the steps; by steps only where absent.", Unit = "seconds", Minimum = 0.1,
        Maximum = 1e9)]
    public double? PublishEverySeconds { get; init; }

    [Setting("Newest checkpoints that are kept.", Unit = "checkpoints", Minimum = 1, Maximum = 100_000)]
    public int KeepCheckpoints { get; init; } = Standard.KeepCheckpoints;

    [Setting("Numbers that published weights are stored in.")]
    public ComputeType PublishedWeights { get; init; } = Standard.PublishedWeights;

    [Setting(
        "Whether training goes on while a checkpoint is written, from a copy of weights and moments; else it stands still meanwhile, and "
            + "no copy is held.")]
    public bool PublishInBackground { get; init; } = Standard.PublishInBackground;

    [Setting("Whether a run that begins publishes its untrained student, so that the server has something to load.")]
    public bool PublishAtStart { get; init; } = Standard.PublishAtStart;

    [Setting(
        "Steps in a row whose loss may be infinite or not a number before training stops.", Unit = "steps", Minimum = 1, Maximum = 1e6)]
    public int MaxFailedSteps { get; init; } = Standard.MaxFailedSteps;

    [Setting(
        "Processor threads of the trainer; 0 leaves the choice to libtorch; where absent, one for the embedded student, libtorch's "
            + "choice for another.", Unit = "threads", Minimum = 0,
        Maximum = 1_024)]
    public int? Threads { get; init; }

    [Setting("Whether a run that goes on may be trained otherwise than before: with another optimizer, rate, schedule or batch.")]
    public bool ChangeRecipe { get; init; }

    [Setting(
        "Whether a run that goes on begins its learning rate's schedule anew; else the rate goes on where it stood, and never "
            + "rises again.")]
    public bool RestartSchedule { get; init; }

    /// <summary>Tokens of a packed row, and of the longest lesson.</summary>
    /// <param name="positions">Those of the student.</param>
    /// <param name="recipe">What the run was trained by until now; null for a run that begins.</param>
    public int RowLength(int positions, TrainingRecipe? recipe) =>
        SequenceLength ?? recipe?.SequenceLength ?? Math.Min(LongestRow, positions);

    /// <summary>The trainer's options that these and the run's settings describe for the student that the settings choose.</summary>
    /// <param name="run">The run's settings.</param>
    /// <param name="student">The student's.</param>
    /// <param name="positions">Those of the student.</param>
    /// <param name="recipe">
    /// What the run was trained by until now, which what is left open goes on with; null for a run that begins.
    /// </param>
    public TrainerOptions ToOptions(RunSettings run, StudentSettings student, int positions, TrainingRecipe? recipe = null) => Standard with
    {
        Lora = Lora.ToOptions(recipe?.Lora),
        BatchRows = BatchRows ?? recipe?.BatchRows ?? (student.Folder is null ? Standard.BatchRows : TrainedBatchRows),
        SequenceLength = RowLength(positions, recipe),
        MicroBatches = Kept(MicroBatches, recipe?.MicroBatches),
        PackingLookahead = PackingLookahead,
        Optimizer = Optimizer ?? recipe?.Optimizer
            ?? (student.Folder is null && !Lora.ToOptions(null).IsOn ? OptimizerKind.Muon : OptimizerKind.AdamW),
        Schedule = new LearningRateSchedule
        {
            Peak = LearningRate ?? recipe?.LearningRate ?? (Lora.ToOptions(null).IsOn ? AdapterLearningRate
                : student.Folder is not null ? TrainedLearningRate
                : Optimizer == OptimizerKind.AdamW ? WholeAdamWLearningRate : Standard.Schedule.Peak),
            WarmUpSteps = WarmUpSteps,
            Shape = Decay,
            FinalFraction = FinalLearningRateFraction,
            TailFraction = DecayTailFraction,
        },
        AdamW = new AdamWOptions { Beta1 = Beta1, Beta2 = Beta2, Epsilon = Epsilon, WeightDecay = WeightDecay },
        Muon = new MuonOptions { LearningRate = MatrixLearningRate, Momentum = Momentum },
        MaxGradientNorm = Kept(MaxGradientNorm == 0 ? double.PositiveInfinity : MaxGradientNorm, recipe?.MaxGradientNorm),
        Practice = new PracticeOptions { Weight = PracticeWeight, TopTokens = PracticeTopTokens },
        Compute = Kept(Compute, recipe?.Compute),
        Weights = Kept(Weights, recipe?.Weights),
        States = Kept(States, recipe?.States),
        Recompute = Recompute,
        OptimizerInBackward = OptimizerInBackward,
        Products = Products ?? recipe?.Products,
        PublishEverySteps = PublishEverySteps,
        PublishEvery = PublishEverySeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        PublishedWeights = PublishedWeights,
        PublishInBackground = PublishInBackground,
        PublishAtStart = PublishAtStart,
        KeepCheckpoints = KeepCheckpoints,
        MaxFailedSteps = MaxFailedSteps,
        ChangeRecipe = ChangeRecipe,
        RestartSchedule = RestartSchedule,
        // The embedded student's products are too short to share, and the second core is wanted by the server and the teachers.
        Threads = Threads ?? (student.Folder is null ? 1 : Standard.Threads),
        Device = run.Device,
        Seed = run.Seed,
        MaxSteps = run.MaxSteps,
        MaxDuration = run.MaxMinutes is { } minutes ? TimeSpan.FromMinutes(minutes) : null,
    };

    // What was planned when the run began is what it goes on with.
    private T Kept<T>(T given, T? before)
        where T : struct => Plan == PlanKind.Auto ? before ?? given : given;
}

/// <summary>What is done where training does not fit into memory as it is given.</summary>
internal enum PlanKind
{
    /// <summary>It is refused, with what would fit.</summary>
    AsGiven,

    /// <summary>The nearest that fits is taken.</summary>
    Auto,
}
