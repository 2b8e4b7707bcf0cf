namespace Orca.Streams.Curricula.Mixtures;

/// <summary>The weights alone.</summary>
internal sealed class FixedRule : IMixtureRule
{
    /// <inheritdoc/>
    public double FactorOf(MixtureArm arm, MixtureView view) => 1;
}
