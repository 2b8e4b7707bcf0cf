using Orca.Evaluation.Statistics;

namespace Orca.Evaluation.Tests.Statistics;

/// <summary>Tasks of known accuracy, from which runs are drawn whose true score is therefore known.</summary>
internal sealed class SimulatedBenchmark
{
    private readonly (double Centre, double Spread) _logOdds;
    private readonly double[] _accuracies;

    /// <param name="sizes">Items of each task.</param>
    /// <param name="accuracy">Accuracy of the middlemost task; the others' lie about it.</param>
    /// <param name="spread">How far, in standard deviations of their log-odds.</param>
    public SimulatedBenchmark(int[] sizes, double accuracy, double spread = 0.8)
    {
        (Sizes, _logOdds) = (sizes, (Math.Log(accuracy / (1 - accuracy)), spread));
        // Shuffled, lest larger tasks be easier.
        _accuracies = Quantiles(sizes.Length);
        new Random(5).Shuffle(_accuracies);
    }

    /// <summary>As a benchmark of 23 tasks has them, and as a small one.</summary>
    public static int[] Large { get; } = [.. Enumerable.Range(0, 23).Select(task => 146 + (104 * task / 22))];

    public static int[] Small { get; } = [.. Enumerable.Repeat(20, 9)];

    public int[] Sizes { get; }

    /// <summary>What an endless run would score: over these tasks, or over all such tasks.</summary>
    public double Truth(Weighting weighting, Sampling sampling) =>
        sampling == Sampling.TasksAndItems ? Quantiles(10_000).Average()
        : weighting == Weighting.EqualTasks ? _accuracies.Average()
        : _accuracies.Zip(Sizes, (accuracy, size) => accuracy * size).Sum() / Sizes.Sum();

    /// <summary>A run over these tasks, or over as many drawn anew: how many items of each are right.</summary>
    public int[] Run(Random random, Sampling sampling) =>
        [.. Sizes.Select((size, task) => Right(random, size, sampling == Sampling.Items ? _accuracies[task] : Drawn(random)))];

    private static int Right(Random random, int size, double accuracy)
    {
        var right = 0;
        for (var item = 0; item < size; item++)
        {
            right += random.NextDouble() < accuracy ? 1 : 0;
        }

        return right;
    }

    private double[] Quantiles(int count) =>
        [.. Enumerable.Range(0, count).Select(place => Accuracy(NormalDistribution.Quantile((place + 0.5) / count)))];

    private double Drawn(Random random) => Accuracy(NormalDistribution.Quantile(Math.Max(random.NextDouble(), 1e-12)));

    private double Accuracy(double deviations) => 1 / (1 + Math.Exp(-_logOdds.Centre - (_logOdds.Spread * deviations)));
}
