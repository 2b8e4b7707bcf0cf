namespace Orca.Streams.Curricula.Mixtures;

/// <summary>
/// Sizes to the power of the temperature's inverse: 1 is proportional, without end even. After multilingual BERT's and T5's sampling
/// (arXiv 1910.10683, section 3.5.2).
/// </summary>
/// <param name="temperature">1 or more.</param>
internal sealed class TemperatureRule(double temperature) : IMixtureRule
{
    /// <inheritdoc/>
    public double FactorOf(MixtureArm arm, MixtureView view) =>
        arm.Task is null ? Math.Pow(ProportionalRule.SizeOf(arm.Collection, view), 1 / temperature) : 1;
}
