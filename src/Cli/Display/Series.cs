using System.Collections.Immutable;

namespace Orca.Cli.Display;

/// <summary>Numbers over a whole run in bounded memory: when it is full, every two neighbours become their mean.</summary>
internal sealed class Series
{
    private const int Capacity = 512;

    private readonly List<double> _numbers = [];
    private readonly List<double> _pending = [];
    private int _share = 1;

    /// <summary>The numbers so far, thinned out, oldest first.</summary>
    public ImmutableArray<double> Numbers => [.. _numbers];

    /// <summary>Adds the newest number.</summary>
    public void Add(double number)
    {
        _pending.Add(number);
        if (_pending.Count < _share)
        {
            return;
        }

        _numbers.Add(_pending.Average());
        _pending.Clear();
        if (_numbers.Count == Capacity)
        {
            var halved = _numbers.Chunk(2).Select(pair => pair.Average()).ToArray();
            _numbers.Clear();
            _numbers.AddRange(halved);
            _share *= 2;
        }
    }
}
