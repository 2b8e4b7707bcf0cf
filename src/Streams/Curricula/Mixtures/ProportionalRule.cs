namespace Orca.Streams.Curricula.Mixtures;

/// <summary>As many lessons of each collection as it has questions; one without end counts as the largest that has one.</summary>
internal sealed class ProportionalRule : IMixtureRule
{
    /// <inheritdoc/>
    public double FactorOf(MixtureArm arm, MixtureView view) => arm.Task is null ? SizeOf(arm.Collection, view) : 1;

    /// <summary>Questions of a collection, 1 or more.</summary>
    public static double SizeOf(string collection, MixtureView view) => Math.Max(
        1, view.Sizes.TryGetValue(collection, out var size) ? size : view.Sizes.Values.DefaultIfEmpty(1).Max());
}
