namespace Orca.Cli.Bench;

/// <summary>The load that is put on a server. Either <see cref="Rate"/> or <see cref="Concurrency"/> drives it.</summary>
internal sealed record LoadPlan
{
    /// <summary>Requests a second that arrive by chance, whatever became of those before (open loop); null for a closed loop.</summary>
    public double? Rate { get; init; }

    /// <summary>Requests in flight, each followed by the next when it has ended (closed loop).</summary>
    public int Concurrency { get; init; } = 8;

    /// <summary>Seed of arrivals, lengths and prompts.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Requests that are measured; null: as many as come in <see cref="Duration"/>.</summary>
    public int? Requests { get; init; }

    /// <summary>Time that is measured, where <see cref="Requests"/> does not say how many.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Time before, under the same load, that is not measured.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Time that those in flight have at the end; what is not done then counts as failed.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>What counts as good. A target that is null is met by all.</summary>
/// <param name="TimeToFirstToken">The first token comes within this.</param>
/// <param name="InterToken">Ninety-nine of a hundred gaps between deliveries of one answer are no longer than this.</param>
internal sealed record Targets(TimeSpan? TimeToFirstToken, TimeSpan? InterToken)
{
    /// <summary>Whether a request met them; one that failed has not.</summary>
    public bool AreMetBy(RequestTrace trace) =>
        trace.Fault is null
        && !(trace.TimeToFirstToken > TimeToFirstToken?.TotalSeconds)
        && !(Percentiles.Of(trace.Gaps)[99] > InterToken?.TotalSeconds);
}
