using System.Collections.Immutable;

namespace Orca.Cli.Display;

/// <summary>Numbers over a whole run in bounded memory: when it is full, every two neighbours become their mean.</summary>
internal sealed class Series
{
    private const int Capacity = 512;

    private readonly List<double> _numbers = [];
    private int _share = 1;
    private int _pending;
    private double _pendingSum;

    /// <summary>The numbers so far, thinned out, oldest first; the newest is the mean of fewer than the others.</summary>
    public ImmutableArray<double> Numbers => _pending == 0 ? [.. _numbers] : [.. _numbers, _pendingSum / _pending];

    /// <summary>Adds the newest number.</summary>
    public void Add(double number)
    {
        _pendingSum += number;
        if (++_pending < _share)
        {
            return;
        }

        _numbers.Add(_pendingSum / _pending);
        (_pending, _pendingSum) = (0, 0);
        if (_numbers.Count == Capacity)
        {
            var halved = _numbers.Chunk(2).Select(pair => pair.Average()).ToArray();
            _numbers.Clear();
            _numbers.AddRange(halved);
            _share *= 2;
        }
    }
}
