using System.Collections.Immutable;
using Orca.Streams.Tasks;

namespace Orca.Streams.Curricula.Mixtures;

/// <summary>Weights of collections and tasks: those of settings and commands, times what the policy says. A value.</summary>
/// <param name="weights">What settings and commands say.</param>
/// <param name="policy">The policy.</param>
/// <param name="view">What it looks at.</param>
internal sealed class MixtureShares(Mixture weights, MixturePolicy policy, MixtureView view)
{
    private readonly IMixtureRule rule = policy.Kind switch
    {
        MixturePolicyKind.Proportional => new ProportionalRule(),
        MixturePolicyKind.Temperature => new TemperatureRule(policy.Temperature),
        MixturePolicyKind.Adaptive => new AdaptiveRule(),
        _ => new FixedRule(),
    };

    /// <summary>
    /// Share of the lessons that are drawn without the policy, so that its gain can be told; 0 where it has none to tell.
    /// </summary>
    public double EvenShare => policy.Kind == MixturePolicyKind.Adaptive ? policy.RandomShare : 0;

    /// <summary>Whether anything of a task may be taught.</summary>
    public bool MayBeTaught(string collection, string task) => weights.WeightOf(collection) > 0 && weights.WeightOf(collection, task) > 0;

    /// <summary>Weight of a collection, or of a task among those of its collection.</summary>
    public double WeightOf(string collection, string? task) =>
        EvenWeightOf(collection, task) * rule.FactorOf(new MixtureArm(collection, task), view);

    /// <summary>The same without the policy.</summary>
    public double EvenWeightOf(string collection, string? task) =>
        task is null ? weights.WeightOf(collection) : weights.WeightOf(collection, task);

    /// <summary>The weights by which questions are drawn, so that in the long run as many come of each as are to be taught.</summary>
    /// <param name="tasks">The collections, each with its tasks where they are known.</param>
    public Mixture ForDraws(IReadOnlyDictionary<string, ImmutableSortedSet<string>> tasks) => policy.Kind == MixturePolicyKind.Fixed
        ? weights
        : weights.Merged(Drawn(tasks.Keys, collection => collection, collection => (collection, null))
            .Concat(tasks.SelectMany(pair => Drawn(
                pair.Value, task => Mixture.NameOf(pair.Key, task), task => (pair.Key, task)))));

    private IEnumerable<KeyValuePair<string, double>> Drawn(
        IEnumerable<string> names, Func<string, string> nameOf, Func<string, (string Collection, string? Task)> armOf)
    {
        var arms = names.Select(name => (Name: nameOf(name), Arm: armOf(name))).ToList();
        var (sum, even) = (
            arms.Sum(arm => WeightOf(arm.Arm.Collection, arm.Arm.Task)), arms.Sum(arm => EvenWeightOf(arm.Arm.Collection, arm.Arm.Task)));
        return arms.Where(_ => sum > 0 && even > 0).Select(arm => KeyValuePair.Create(
            arm.Name,
            ((1 - EvenShare) * WeightOf(arm.Arm.Collection, arm.Arm.Task) / sum)
                + (EvenShare * EvenWeightOf(arm.Arm.Collection, arm.Arm.Task) / even)));
    }
}
