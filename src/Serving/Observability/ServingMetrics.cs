using System.Diagnostics;
using System.Diagnostics.Metrics;
using Orca.Serving.Checkpoints;
using Orca.Serving.Engine;
using Orca.Serving.Requests;

namespace Orca.Serving.Observability;

/// <summary>
/// The instruments of one server. Requests are recorded by whoever reads their answers; everything of the engine is read
/// from its counters when somebody collects, so that its thread does nothing for it.
/// </summary>
public sealed class ServingMetrics : IDisposable
{
    /// <summary>Name of the meter, and of the source of spans.</summary>
    public const string Name = "Orca.Serving";

    private const string Provider = "orca";

    private const string Model = "student";

    private readonly Histogram<double> duration;
    private readonly Histogram<double> firstToken;
    private readonly Histogram<double> perToken;
    private readonly Histogram<int> tokens;
    private readonly Counter<long> found;
    private readonly Counter<long> recomputed;
    private readonly Counter<long> preemptions;

    internal ServingMetrics(LoadRates rates, VersionRegistry versions, Func<long> queuedTokens)
    {
        Meter = new Meter(Name);
        duration = Histogram(GenAi.RequestDuration, "s", "Time from a request's arrival to its end.", GenAi.DurationBuckets);
        firstToken = Histogram(GenAi.TimeToFirstToken, "s", "Time from a request's arrival to its first token.", GenAi.FirstTokenBuckets);
        perToken = Histogram(GenAi.TimePerOutputToken, "s", "Time a token after the first.", GenAi.PerTokenBuckets);
        tokens = Histogram(GenAi.TokenUsage, "{token}", "Tokens of prompts and answers.", GenAi.TokenBuckets);
        found = Meter.CreateCounter<long>("orca.prefix_cache.tokens", "{token}", "Tokens of prompts found in the cache and not computed.");
        recomputed = Meter.CreateCounter<long>(
            "orca.recomputed.tokens", "{token}", "Tokens computed again, after a preemption or for newer weights.");
        preemptions = Meter.CreateCounter<long>("orca.preemptions", "{preemption}", "Times an answer lost its place to others.");
        Observe(rates);
        Meter.CreateObservableGauge(
            "orca.queue.tokens", queuedTokens, "{token}", "Tokens of prompts and answers, as long as they may become, that wait.");
        Meter.CreateObservableGauge(
            "orca.model.versions", () => CountByState(versions), "{version}", "Checkpoints seen, by what became of them.");
        Meter.CreateObservableCounter(
            "orca.model.rollbacks", () => CountByCause<RollbackCause>(versions.Tally.Rollbacks), "{rollback}",
            "Versions rolled back, by whether somebody asked for it or they did too badly.");
        Meter.CreateObservableCounter(
            "orca.model.refusals", () => CountByCause<RefusalCause>(versions.Tally.Refusals),
            "{checkpoint}", "Checkpoints refused, by why.");
        Meter.CreateObservableGauge(
            "orca.model.active_version", () => versions.Active?.Number ?? 0, null,
            "Number of the version that answers; 0 where none does.");
    }

    /// <summary>What the instruments belong to.</summary>
    public Meter Meter { get; }

    public void Dispose() => Meter.Dispose();

    internal static string OperationOf(GenerationRequest request) =>
        request.OnlyScores ? "score" : request.Prompt is PromptInput.Chat ? "chat" : "text_completion";

    internal static TagList TagsOf(GenerationRequest request) => new()
    {
        { GenAi.OperationName, OperationOf(request) },
        { GenAi.ProviderName, Provider },
        { GenAi.RequestModel, Model },
    };

    /// <summary>An answer has ended of itself.</summary>
    internal void Answered(GenerationRequest request, GenerationEvent.Finished end)
    {
        var tags = TagsOf(request);
        if (end.CompletionTokens > 0)
        {
            firstToken.Record(end.Timings.TimeToFirstToken.TotalSeconds, tags);
        }

        if (end.CompletionTokens > 1)
        {
            perToken.Record(end.Timings.Decode.TotalSeconds / (end.CompletionTokens - 1), tags);
        }

        if (!request.OnlyScores)
        {
            RecordTokens(end.CompletionTokens, "output", tags);
        }

        if (end.Sample == 0)
        {
            RecordTokens(end.PromptTokens, "input", tags);
            found.Add(end.CachedPromptTokens);
        }

        recomputed.Add(end.RecomputedTokens);
        preemptions.Add(end.Timings.Preemptions);
    }

    /// <summary>A request is over.</summary>
    /// <param name="request">The request.</param>
    /// <param name="time">Since it came.</param>
    /// <param name="error">Why it failed; null where it did not.</param>
    internal void Ended(GenerationRequest request, TimeSpan time, string? error)
    {
        var tags = TagsOf(request);
        if (error is not null)
        {
            tags.Add(GenAi.ErrorType, error);
        }

        duration.Record(time.TotalSeconds, tags);
    }

    private void RecordTokens(int count, string type, TagList tags)
    {
        tags.Add(GenAi.TokenType, type);
        tokens.Record(count, tags);
    }

    private void Observe(LoadRates rates)
    {
        void Gauge(string name, string unit, string description, Func<LoadReport, double> value) =>
            Meter.CreateObservableGauge(name, () => value(rates.Report()), unit, description);

        void Counter(string name, string unit, string description, Func<EngineLoad, long> value) =>
            Meter.CreateObservableCounter(name, () => value(rates.Report().Load), unit, description);

        Gauge("orca.requests.running", "{request}", "Answers that have a place.", report => report.Load.Running);
        Gauge("orca.requests.waiting", "{request}", "Requests and answers that wait for a place.", report => report.Load.Waiting);
        Gauge(
            "orca.queue.time", "s", "Time that a request would wait that came now.",
            report => report.EstimatedQueueTime?.TotalSeconds ?? 0);
        Gauge("orca.prefill.rate", "{token}/s", "Tokens of prompts computed a second, over 10 s.", report => report.PrefillTokensPerSecond);
        Gauge("orca.decode.rate", "{token}/s", "Tokens of answers computed a second, over 10 s.", report => report.DecodeTokensPerSecond);
        Gauge(
            "orca.weights.bandwidth", "By/s", "Weights read a second while answers are computed, over 10 s.",
            report => report.WeightBytesPerSecond);
        Gauge(
            "orca.weights.bandwidth.fraction", "1", "The same as a share of the memory's speed; 0 where that is not known.",
            report => report.BandwidthFraction ?? 0);
        Counter("orca.steps", "{step}", "Steps computed.", load => load.Steps);
        Counter("orca.decode.steps", "{step}", "Steps that had the next token of an answer to compute.", load => load.DecodeSteps);
        Counter("orca.prefill.tokens", "{token}", "Tokens of prompts computed.", load => load.PromptTokens);
        Counter("orca.decode.tokens", "{token}", "Tokens computed to get the next one of an answer.", load => load.DecodeTokens);
        Meter.CreateObservableGauge("orca.cache.blocks", () => BlocksOf(rates.Report().Load), "{block}", "Blocks of the key-value cache.");
    }

    private static IEnumerable<Measurement<int>> BlocksOf(EngineLoad load) =>
    [
        new(load.FreeBlocks, new KeyValuePair<string, object?>("state", "free")),
        new(load.UsedBlocks, new KeyValuePair<string, object?>("state", "used")),
        new(load.CachedBlocks, new KeyValuePair<string, object?>("state", "cached")),
    ];

    // All states, so that a series does not vanish when the last version leaves one.
    private static IEnumerable<Measurement<int>> CountByState(VersionRegistry versions)
    {
        var records = versions.List();
        return Enum.GetValues<VersionState>().Select(state => new Measurement<int>(
            records.Count(record => record.State == state),
            new KeyValuePair<string, object?>("state", state.ToString().ToLowerInvariant())));
    }

    private static IEnumerable<Measurement<long>> CountByCause<T>(Func<T, long> count)
        where T : struct, Enum => Enum.GetValues<T>().Select(cause => new Measurement<long>(
            count(cause), new KeyValuePair<string, object?>("cause", cause.ToString().ToLowerInvariant())));

    private Histogram<T> Histogram<T>(string name, string unit, string description, T[] buckets)
        where T : struct => Meter.CreateHistogram<T>(
            name, unit, description, tags: null, new InstrumentAdvice<T> { HistogramBucketBoundaries = buckets });
}
