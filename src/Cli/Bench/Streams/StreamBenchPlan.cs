namespace Orca.Cli.Bench.Streams;

/// <summary>One measurement of the way from task to stored, judged trace.</summary>
internal sealed record StreamBenchPlan
{
    /// <summary>What the row is called.</summary>
    public required string Name { get; init; }

    /// <summary>How many tasks there are.</summary>
    public required int Traces { get; init; }

    /// <summary>UTF-8 bytes of each question and its answer together.</summary>
    public required int BytesPerTrace { get; init; }

    /// <summary>How long the teacher takes for an answer.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>Requests in flight at once.</summary>
    public required int InFlight { get; init; }
}
