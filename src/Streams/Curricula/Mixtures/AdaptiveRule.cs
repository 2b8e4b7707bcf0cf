namespace Orca.Streams.Curricula.Mixtures;

/// <summary>
/// More of what the student is gaining on: a bandit whose reward is the fall of the loss on lessons that it sees for the first time
/// (learning progress; Graves et al., arXiv 1704.03003). An arm that is known or hopeless gives way to one that moves; none falls to
/// nothing, and one that was hardly tried counts as the best.
/// </summary>
internal sealed class AdaptiveRule : IMixtureRule
{
    // Of the best arm's factor: what is left of an arm without gain.
    private const double Least = 0.1;

    /// <inheritdoc/>
    public double FactorOf(MixtureArm arm, MixtureView view)
    {
        var best = view.Gains.Best;
        return view.Gains.GainOf(arm) is not { } gain || best <= 0 ? 1 : Math.Max(Least, gain / best);
    }
}
