using Orca.Evaluation.Statistics;

namespace Orca.Evaluation.Tests.Statistics;

/// <summary>Two students of known accuracies and correlation, who answer the same items.</summary>
/// <param name="First">Accuracy of the first, on every task.</param>
/// <param name="Second">Accuracy of the second.</param>
/// <param name="Correlation">Of their marks over items.</param>
/// <param name="Spread">Standard deviation over tasks of the second's accuracy, drawn anew in each run.</param>
internal sealed record SimulatedPair(double First, double Second, double Correlation, double Spread = 0)
{
    public double Discordance => DetectableDifference.Discordance(First, Second, Correlation);

    public (TaskMarks[] First, TaskMarks[] Second) Run(Random random, int[] sizes)
    {
        var tasks = sizes.Select(size => OfTask(random).Task(random, size)).ToArray();
        return (
            [.. tasks.Select((task, i) => Marks.Of($"{i}", [.. task.Select(item => item.First)]))],
            [.. tasks.Select((task, i) => Marks.Of($"{i}", [.. task.Select(item => item.Second)]))]);
    }

    private SimulatedPair OfTask(Random random) => Spread == 0 ? this
        : this with { Second = Second + (Spread * NormalDistribution.Quantile(Math.Clamp(random.NextDouble(), 1e-4, 1 - 1e-4))) };

    private (double First, double Second)[] Task(Random random, int size)
    {
        var discordance = Discordance;
        var onlySecond = (discordance + Second - First) / 2;
        var items = new (double, double)[size];
        foreach (ref var item in items.AsSpan())
        {
            var draw = random.NextDouble();
            item = draw < onlySecond ? (0, 1) : draw < discordance ? (1, 0) : draw < onlySecond + First ? (1, 1) : (0, 0);
        }

        return items;
    }
}
