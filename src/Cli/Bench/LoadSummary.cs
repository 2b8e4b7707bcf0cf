namespace Orca.Cli.Bench;

/// <summary>
/// The figures of a run. Latencies are those of the requests that were meant to be sent in the time that counts, from then
/// on until their end; rates are what arrived within that time, whenever it was sent.
/// </summary>
internal sealed record LoadSummary
{
    /// <summary>Seconds that count.</summary>
    public required double Seconds { get; init; }

    /// <summary>Requests sent in that time.</summary>
    public required int Requests { get; init; }

    /// <summary>Of those, the ones that failed, by status.</summary>
    public required IReadOnlyDictionary<string, int> Failures { get; init; }

    /// <summary>Seconds from the intended sending to the first token.</summary>
    public required Percentiles TimeToFirstToken { get; init; }

    /// <summary>Seconds a token after the first, one sample a request.</summary>
    public required Percentiles TimePerToken { get; init; }

    /// <summary>Seconds between deliveries, one sample each.</summary>
    public required Percentiles InterToken { get; init; }

    /// <summary>Seconds from the intended sending to the end.</summary>
    public required Percentiles Duration { get; init; }

    /// <summary>Seconds by which requests were sent late: what the measuring side adds.</summary>
    public required Percentiles Lateness { get; init; }

    /// <summary>Requests answered a second.</summary>
    public required double RequestsPerSecond { get; init; }

    /// <summary>Tokens of answers a second.</summary>
    public required double OutputTokensPerSecond { get; init; }

    /// <summary>Tokens of answers, and of prompts whose first token came, a second.</summary>
    public required double TotalTokensPerSecond { get; init; }

    /// <summary>Share of the requests that met the targets, 0 to 1.</summary>
    public required double GoodShare { get; init; }

    /// <summary>Requests a second that met the targets.</summary>
    public required double Goodput { get; init; }

    /// <summary>Versions of the student that answered.</summary>
    public required int Versions { get; init; }

    /// <summary>Works the figures out.</summary>
    public static LoadSummary Of(LoadResult result, Targets targets)
    {
        var seconds = result.Until - result.From;
        bool Counts(double at) => at >= result.From && at <= result.Until;
        var measured = result.Traces.Where(trace => Counts(trace.Intended)).ToList();
        var whole = measured.Where(trace => trace.Fault is null).ToList();
        var good = measured.Count(targets.AreMetBy);
        var output = result.Traces.SelectMany(trace => trace.Deliveries)
            .Where(delivery => Counts(delivery.At)).Sum(delivery => (long)delivery.Tokens);
        var prompts = result.Traces.Where(trace => trace.Deliveries is [var first, ..] && Counts(first.At))
            .Sum(trace => (long)trace.PromptTokens);
        return new LoadSummary
        {
            Seconds = seconds,
            Requests = measured.Count,
            Failures = measured.Where(trace => trace.Fault is not null).CountBy(trace => trace.Fault!).ToDictionary(),
            TimeToFirstToken = Percentiles.Of(measured.Select(trace => trace.TimeToFirstToken).Where(double.IsFinite)),
            TimePerToken = Percentiles.Of(whole.Select(trace => trace.TimePerToken).Where(double.IsFinite)),
            InterToken = Percentiles.Of(measured.SelectMany(trace => trace.Gaps)),
            Duration = Percentiles.Of(whole.Select(trace => trace.Ended - trace.Intended)),
            Lateness = Percentiles.Of(measured.Select(trace => trace.Sent - trace.Intended)),
            RequestsPerSecond = result.Traces.Count(trace => trace.Fault is null && Counts(trace.Ended)) / seconds,
            OutputTokensPerSecond = output / seconds,
            TotalTokensPerSecond = (output + prompts) / seconds,
            GoodShare = measured.Count == 0 ? 0 : (double)good / measured.Count,
            Goodput = good / seconds,
            Versions = measured.SelectMany(trace => trace.Versions).Distinct().Count(),
        };
    }
}
