namespace Orca.Training.Optimization;

/// <summary>Settings of <see cref="Muon"/>. The defaults suit a student that starts from random weights.</summary>
public sealed record MuonOptions
{
    /// <summary>The highest learning rate of the matrices, above 0; warm-up and decay scale it as they scale the schedule's.</summary>
    public double LearningRate { get; init; } = 0.012;

    /// <summary>Decay of the momentum, 0 to 1 exclusive.</summary>
    public double Momentum { get; init; } = 0.95;
}
