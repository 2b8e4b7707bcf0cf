namespace Orca.Cli.Display;

/// <summary>How fast a counter grows, over the last seconds.</summary>
/// <param name="clock">Tells the time.</param>
/// <param name="span">How far back it looks.</param>
internal sealed class RateWindow(TimeProvider clock, TimeSpan span)
{
    private readonly Queue<(long Time, long Count)> _readings = new();

    /// <summary>Notes the counter as it stands, and gives its growth a second.</summary>
    public double Note(long count)
    {
        var now = clock.GetTimestamp();
        _readings.Enqueue((now, count));
        while (_readings.Count > 2 && clock.GetElapsedTime(_readings.Peek().Time, now) > span)
        {
            _readings.Dequeue();
        }

        var (time, first) = _readings.Peek();
        var elapsed = clock.GetElapsedTime(time, now).TotalSeconds;
        return elapsed > 0 ? (count - first) / elapsed : 0;
    }
}
