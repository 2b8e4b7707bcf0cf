namespace Orca.Training.Tests.Reference;

/// <summary>Scales all gradients down by one factor, so that their common norm is no larger than a limit.</summary>
internal static class PlainClipping
{
    public static void Clip(IReadOnlyCollection<PlainWeight> weights, double limit)
    {
        var norm = Math.Sqrt(weights.Sum(weight => weight.Gradient.Sum(value => value * value)));
        foreach (var gradient in weights.Select(weight => weight.Gradient).Where(_ => norm > limit))
        {
            for (var i = 0; i < gradient.Length; i++)
            {
                gradient[i] *= limit / norm;
            }
        }
    }
}
