namespace Orca.Training.Optimization;

/// <summary>Settings of <see cref="AdamW"/>. The defaults suit a student of a few million parameters.</summary>
public sealed record AdamWOptions
{
    /// <summary>Decay of the first moment, 0 to 1 exclusive.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the second moment, 0 to 1 exclusive.</summary>
    public double Beta2 { get; init; } = 0.98;

    /// <summary>Added to the root of the second moment, above 0.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Decoupled weight decay of matrices, 0 or more; norms and the token embedding are never decayed.</summary>
    public double WeightDecay { get; init; } = 0.01;
}
