using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Orca.Streams;

namespace Orca.Evaluation.Statistics;

/// <summary>
/// Resamples scores and differences: a second opinion on <see cref="Statistics.Score"/> and <see cref="PairedComparison"/> that assumes no
/// distribution.
/// </summary>
/// <remarks>
/// B. Efron, Bootstrap methods: another look at the jackknife, Annals of Statistics 7, 1979. Items are drawn within their task; an item
/// with all its answers is one unit. With <see cref="Sampling.TasksAndItems"/> whole tasks are drawn, one fewer than there are, and not
/// their items again, whose noise their means already hold (A. C. Davison and D. V. Hinkley, Bootstrap Methods and their Application,
/// 1997, on hierarchical data). Percentile intervals over few tasks or a few hundred items are too narrow (docs/results.md): the interval
/// to publish is that of the score or comparison.
/// </remarks>
public static class Bootstrap
{
    /// <summary>The score in resamples. The same marks and seed give the same numbers, in whatever order the marks come.</summary>
    /// <exception cref="ArgumentException">What <see cref="Statistics.Score"/> refuses; a one-item task when items are drawn.</exception>
    public static BootstrapDistribution Score(
        IReadOnlyList<TaskMarks> tasks, Weighting weighting = Weighting.EqualTasks, Sampling sampling = Sampling.Items,
        int resamples = 10_000, long seed = 1) =>
        Draw(TaskValues.Of(tasks), weighting, sampling, resamples, seed);

    /// <summary>The difference, second less first, in resamples of the items both answered.</summary>
    /// <exception cref="ArgumentException">What <see cref="PairedComparison"/> refuses; a one-item task when items are drawn.</exception>
    public static BootstrapDistribution Difference(
        IReadOnlyList<TaskMarks> first, IReadOnlyList<TaskMarks> second, Weighting weighting = Weighting.EqualTasks,
        Sampling sampling = Sampling.Items, int resamples = 10_000, long seed = 1) =>
        Draw(ItemPairing.Differences(first, second), weighting, sampling, resamples, seed);

    private static BootstrapDistribution Draw(TaskValues[] tasks, Weighting weighting, Sampling sampling, int resamples, long seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(resamples);
        var value = TaskMean.Of([.. tasks.Select(task => task.Summarize())], weighting, sampling).Value;
        // By name, so that the order in which tasks come changes nothing.
        var ordered = tasks.OrderBy(task => task.Task, StringComparer.Ordinal).ToArray();
        var draw = sampling == Sampling.Items ? Items(ordered, weighting, seed) : Tasks(ordered, weighting, seed);
        var draws = new double[resamples];
        for (var i = 0; i < resamples; i++)
        {
            draws[i] = draw(i);
        }

        Array.Sort(draws);
        return new BootstrapDistribution(value, ImmutableCollectionsMarshal.AsImmutableArray(draws));
    }

    private static Func<int, double> Items(TaskValues[] tasks, Weighting weighting, long seed)
    {
        var resamplers = tasks.Select(task => new TaskResampler(task)).ToArray();
        var weights = tasks.Select(task => Weight(task, weighting)).ToArray();
        var total = weights.Sum();
        return resample =>
        {
            var random = SeededRandom.At(seed, resample);
            var sum = 0.0;
            for (var i = 0; i < resamplers.Length; i++)
            {
                sum += weights[i] * resamplers[i].Draw(random);
            }

            return sum / total;
        };
    }

    private static Func<int, double> Tasks(TaskValues[] tasks, Weighting weighting, long seed)
    {
        var weights = tasks.Select(task => Weight(task, weighting)).ToArray();
        var means = tasks.Select(task => task.Summarize().Mean).ToArray();
        return resample =>
        {
            var random = SeededRandom.At(seed, resample);
            var (sum, total) = (0.0, 0.0);
            for (var i = 0; i < means.Length - 1; i++)
            {
                var task = random.Next(means.Length);
                sum += weights[task] * means[task];
                total += weights[task];
            }

            return sum / total;
        };
    }

    private static double Weight(TaskValues task, Weighting weighting) => weighting == Weighting.EqualTasks ? 1 : task.Values.Length;
}
