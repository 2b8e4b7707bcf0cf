namespace Orca.Cli.Bench.Streams;

/// <summary>Looks at the memory of this process ten times a second and remembers the most.</summary>
internal sealed class PeakMemory : IDisposable
{
    private readonly Timer _timer;
    private long _most;

    public PeakMemory() => _timer = new Timer(_ => Look(), null, TimeSpan.Zero, TimeSpan.FromSeconds(0.1));

    /// <summary>Most bytes so far.</summary>
    public long Bytes
    {
        get
        {
            Look();
            return Interlocked.Read(ref _most);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        var now = Environment.WorkingSet;
        long known;
        while (now > (known = Interlocked.Read(ref _most)) && Interlocked.CompareExchange(ref _most, now, known) != known)
        {
        }
    }
}
