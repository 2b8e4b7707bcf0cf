using Orca.Streams;

namespace Orca.Evaluation.Statistics;

/// <summary>Draws the mean of a task's items anew, with replacement.</summary>
/// <remarks>
/// One item fewer is drawn than there are, so that the variance of the drawn means is that of the mean, rather than too small by one
/// part in the number of items (J. N. K. Rao and C. F. J. Wu, Resampling inference with complex survey data, JASA 83, 1988).
/// Items of equal value are drawn together: how often a value comes up is binomial given the values before it. With right and wrong
/// alone a task costs one draw, however many items it has.
/// </remarks>
internal sealed class TaskResampler
{
    // Beyond so many different values, drawing item by item is as fast.
    private const int MostValues = 16;

    private readonly double[] _values;
    private readonly (double Value, double Chance)[]? _distinct;

    /// <exception cref="ArgumentException">The task has one item, which shows no spread.</exception>
    public TaskResampler(TaskValues task)
    {
        if (task.Values.Length == 1)
        {
            throw new ArgumentException(
                $"Task '{task.Task}' has one item: there is nothing to resample; give it two or more.", nameof(task));
        }

        // Sorted, so that the order in which items come changes nothing.
        _values = [.. task.Values.Order()];
        Mean = _values.Sum() / _values.Length;
        var counts = _values.CountBy(value => value).ToArray();
        if (counts.Length <= MostValues)
        {
            _distinct = new (double, double)[counts.Length];
            for (int i = 0, left = _values.Length; i < counts.Length; left -= counts[i++].Value)
            {
                _distinct[i] = (counts[i].Key, (double)counts[i].Value / left);
            }
        }
    }

    public int Items => _values.Length;

    public double Mean { get; }

    public double Draw(SeededRandom random)
    {
        var draws = _values.Length - 1;
        return (_distinct is null ? ByItem(random, draws) : ByValue(random, draws, _distinct)) / draws;
    }

    private static double ByValue(SeededRandom random, int draws, (double Value, double Chance)[] values)
    {
        var sum = 0.0;
        foreach (var (value, chance) in values)
        {
            var times = random.NextBinomial(draws, chance);
            sum += times * value;
            draws -= times;
        }

        return sum;
    }

    private double ByItem(SeededRandom random, int draws)
    {
        var sum = 0.0;
        for (var i = 0; i < draws; i++)
        {
            sum += _values[random.Next(_values.Length)];
        }

        return sum;
    }
}
