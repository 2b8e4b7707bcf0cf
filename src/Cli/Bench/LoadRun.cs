using System.Collections.Concurrent;

namespace Orca.Cli.Bench;

/// <summary>Puts a planned load on a server and keeps what became of every request.</summary>
/// <param name="plan">The load.</param>
/// <param name="lengths">Lengths of its requests.</param>
/// <param name="client">Sends them.</param>
/// <param name="clock">Measures.</param>
internal sealed class LoadRun(LoadPlan plan, TokenLengths lengths, LoadClient client, TimeProvider clock)
{
    private static readonly TimeSpan AfterFault = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentBag<RequestTrace> _traces = [];
    private readonly Random _random = new(plan.Seed);
    private readonly Lock _gate = new();
    private long _started;
    private int _ended;
    private int _measured;

    /// <summary>Called with the number of requests that have ended, whenever one has.</summary>
    public Action<int> Ended { get; init; } = _ => { };

    /// <summary>Runs it to the end.</summary>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public async Task<LoadResult> RunAsync(CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _started = clock.GetTimestamp();
        var sending = plan.Rate is { } rate ? OpenLoopAsync(rate, end) : ClosedLoopAsync(end);
        var inFlight = await sending;
        var sent = Now;
        end.CancelAfter(plan.Drain);
        await Task.WhenAll(inFlight);
        cancellationToken.ThrowIfCancellationRequested();
        var until = plan.Requests is null
            ? (plan.WarmUp + plan.Duration).TotalSeconds
            : _traces.Select(trace => trace.Ended).Append(sent).Max();
        return new LoadResult([.. _traces.OrderBy(trace => trace.Intended)], plan.WarmUp.TotalSeconds, until);
    }

    private double Now => clock.GetElapsedTime(_started).TotalSeconds;

    // Those that arrive in the warm-up are not counted, so that the number asked for is the number measured.
    private bool IsOver(double at) => plan.Requests is { } requests
        ? at >= plan.WarmUp.TotalSeconds && Interlocked.Increment(ref _measured) > requests
        : at >= (plan.WarmUp + plan.Duration).TotalSeconds;

    private async Task<IReadOnlyList<Task>> OpenLoopAsync(double rate, CancellationTokenSource end)
    {
        var inFlight = new List<Task>();
        foreach (var arrival in Arrivals.Poisson(rate, new Random(plan.Seed)))
        {
            if (IsOver(arrival.TotalSeconds))
            {
                break;
            }

            var left = arrival.TotalSeconds - Now;
            if (left > 0)
            {
                await Task.Delay(TimeSpan.FromSeconds(left), clock, end.Token);
            }

            inFlight.Add(Task.Run(() => SendAsync(arrival.TotalSeconds, end.Token)));
        }

        return inFlight;
    }

    private async Task<IReadOnlyList<Task>> ClosedLoopAsync(CancellationTokenSource end)
    {
        async Task Follow()
        {
            for (var now = Now; !IsOver(now) && !end.IsCancellationRequested; now = Now)
            {
                if (await SendAsync(now, end.Token) is { Fault: not null })
                {
                    // A server that refuses at once is not asked a thousand times a second.
                    await Task.Delay(AfterFault, clock, CancellationToken.None);
                }
            }
        }

        var callers = Enumerable.Range(0, plan.Concurrency).Select(_ => Task.Run(Follow)).ToList();
        await Task.WhenAny(callers);
        return callers;
    }

    private async Task<RequestTrace> SendAsync(double intended, CancellationToken end)
    {
        RequestShape shape;
        int seed;
        lock (_gate)
        {
            (shape, seed) = (lengths.Next(_random), _random.Next());
        }

        var trace = await client.SendAsync(shape, seed, intended, _started, end);
        _traces.Add(trace);
        Ended(Interlocked.Increment(ref _ended));
        return trace;
    }
}

/// <summary>Every request of a run, those of the warm-up included, and the time that counts.</summary>
/// <param name="Traces">By the time they were meant to be sent.</param>
/// <param name="From">Seconds since the run began.</param>
/// <param name="Until">Seconds since the run began.</param>
internal sealed record LoadResult(IReadOnlyList<RequestTrace> Traces, double From, double Until);
