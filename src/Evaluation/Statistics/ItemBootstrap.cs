using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Orca.Streams;

namespace Orca.Evaluation.Statistics;

/// <summary>Resamples whole items and computes any figure of them anew: for ratios and fits, which are no means.</summary>
/// <remarks>
/// B. Efron, Annals of Statistics 7, 1979. An item is drawn with all that was seen of it, so what it got from two sides stays paired. One
/// item fewer is drawn than there are, for the reason of <see cref="TaskResampler"/>.
/// </remarks>
public static class ItemBootstrap
{
    /// <summary>A figure in resamples of what it was computed from. The same items and seed give the same numbers.</summary>
    /// <param name="items">Two or more.</param>
    /// <param name="figure">Computes it; is given some items several times, others not at all.</param>
    /// <param name="resamples">How many; 1 or more.</param>
    /// <param name="seed">Of the draws.</param>
    /// <exception cref="ArgumentException">There is one item or none.</exception>
    public static BootstrapDistribution Of<T>(
        ImmutableArray<T> items, Func<IReadOnlyList<T>, double> figure, int resamples = 10_000, long seed = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(resamples);
        if (items.Length < 2)
        {
            throw new ArgumentException($"{items.Length} items leave nothing to resample; give two or more.", nameof(items));
        }

        var (draws, drawn) = (new double[resamples], new T[items.Length - 1]);
        for (var i = 0; i < resamples; i++)
        {
            var random = SeededRandom.At(seed, i);
            for (var place = 0; place < drawn.Length; place++)
            {
                drawn[place] = items[random.Next(items.Length)];
            }

            draws[i] = figure(drawn);
        }

        Array.Sort(draws);
        return new BootstrapDistribution(figure(items), ImmutableCollectionsMarshal.AsImmutableArray(draws));
    }
}
