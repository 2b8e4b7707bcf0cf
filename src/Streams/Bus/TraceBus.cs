namespace Orca.Streams.Bus;

/// <summary>
/// The way of traces from collecting to one curriculum, and of its demand back, within a process. Nothing but values crosses it. Safe to
/// use from several threads.
/// </summary>
/// <remarks>
/// A trace that was sent is acknowledged once: when the curriculum has taken it, or will not. So whoever collects knows how many are on
/// their way.
/// </remarks>
public sealed class TraceBus
{
    private readonly Signal demandChanged = new();
    private readonly SemaphoreSlim drawing = new(1);
    private long draws;
    private volatile TraceDemand demand;
    private Func<TraceNews, bool>? receiver;
    private Action<string, long>? acknowledged;
    private Action<TraceDemand>? demanded;

    /// <param name="demand">What is wanted at first.</param>
    public TraceBus(TraceDemand demand) => this.demand = demand;

    /// <summary>What the curriculum wants now.</summary>
    public TraceDemand Demand => demand;

    /// <summary>Complete after the next change of <see cref="Demand"/>. Take it first, then look at the demand, then await it.</summary>
    public Task NextDemand => demandChanged.Next;

    /// <summary>Number of the next draw, from 1. Those who collect set it to go on where an earlier run stopped.</summary>
    public long NextDraw
    {
        get => Interlocked.Read(ref draws) + 1;
        set => Interlocked.Exchange(ref draws, value - 1);
    }

    /// <summary>
    /// Numbers the next draw and tells what is wanted of it, at one moment: a change of the demand acts on the draw that it was told, and
    /// on none before.
    /// </summary>
    public async ValueTask<(long Number, TraceDemand Demand)> DrawAsync(CancellationToken cancellationToken)
    {
        await drawing.WaitAsync(cancellationToken);
        try
        {
            return (Interlocked.Increment(ref draws), demand);
        }
        finally
        {
            drawing.Release();
        }
    }

    /// <summary>Lets no draw begin until <see cref="Release"/>, so that what is asked next acts from <see cref="NextDraw"/> on.</summary>
    public Task HoldAsync() => drawing.WaitAsync();

    /// <summary>Ends <see cref="HoldAsync"/>.</summary>
    public void Release() => drawing.Release();

    /// <summary>
    /// Has whoever collects hear of each trace that it need no longer count, by stage and place. Before the first is sent.
    /// </summary>
    public void OnAcknowledged(Action<string, long> hear) => acknowledged = hear;

    /// <summary>
    /// Has whoever collects hear of the demand, now and of every change at once: before a command that has brought it about is answered,
    /// and before the first draw that is under it. It must be quick.
    /// </summary>
    public void OnDemand(Action<TraceDemand> hear)
    {
        demanded = hear;
        hear(demand);
    }

    /// <summary>Has the curriculum hear of news, one at a time; it returns whether it takes them. Before the first are sent.</summary>
    public void OnNews(Func<TraceNews, bool> receive) => receiver = receive;

    /// <summary>Tells the curriculum. A trace that it does not take is acknowledged at once.</summary>
    public void Send(TraceNews news)
    {
        if (receiver?.Invoke(news) != true && news is TraceAccepted trace)
        {
            Acknowledge(trace.Stage, trace.Place);
        }
    }

    /// <summary>Tells those who collect that a trace is no longer on its way.</summary>
    public void Acknowledge(string stage, long place) => acknowledged?.Invoke(stage, place);

    /// <summary>Tells those who collect what is wanted from now on.</summary>
    public void Ask(TraceDemand wanted)
    {
        demand = wanted;
        demanded?.Invoke(wanted);
        demandChanged.Pulse();
    }
}
