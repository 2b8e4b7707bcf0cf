namespace Orca.Cli.Configuration;

/// <summary>How the student is trained.</summary>
internal sealed record TrainingSettings
{
    [Setting("Packed rows in a step.", Unit = "rows", Minimum = 1, Maximum = 4_096)]
    public int Rows { get; init; } = 16;

    [Setting("Length of a packed row; longer lessons are left out.", Unit = "tokens", Minimum = 16, Maximum = 1_048_576)]
    public int RowTokens { get; init; } = 256;

    [Setting("Peak learning rate.", Minimum = 1e-9, Maximum = 1)]
    public double LearningRate { get; init; } = 2e-3;

    [Setting("Steps over which the learning rate rises to its peak.", Unit = "steps", Minimum = 0, Maximum = 1_000_000)]
    public int WarmUpSteps { get; init; } = 20;

    [Setting("Steps over which the learning rate falls along a cosine; the run's maxSteps where absent.", Unit = "steps", Minimum = 1, Maximum = 1_000_000_000)]
    public int? DecaySteps { get; init; }

    [Setting("Decoupled weight decay.", Minimum = 0, Maximum = 1)]
    public double WeightDecay { get; init; } = 0.01;

    [Setting("Norm that gradients are clipped to.", Minimum = 1e-6, Maximum = 1e6)]
    public double ClipNorm { get; init; } = 1.0;

    [Setting("Number format of the forward and backward pass; master weights are fp32 either way.", OneOf = ["bf16", "fp32"])]
    public string Compute { get; init; } = "bf16";

    [Setting("Steps between published checkpoints.", Unit = "steps", Minimum = 1, Maximum = 1_000_000)]
    public int PublishEverySteps { get; init; } = 100;

    [Setting("Published checkpoints that are kept.", Unit = "checkpoints", Minimum = 1, Maximum = 100_000)]
    public int KeepCheckpoints { get; init; } = 3;

    [Setting("Threads that libtorch may use; 0 takes one a core.", Unit = "threads", Minimum = 0, Maximum = 1_024)]
    public int Threads { get; init; }
}
