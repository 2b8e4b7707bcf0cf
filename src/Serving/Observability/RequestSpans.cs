using System.Diagnostics;
using Orca.Serving.Requests;

namespace Orca.Serving.Observability;

/// <summary>
/// A request as a span within its caller's trace, with its time in the queue, in prefill and in decode as spans within it.
/// Nothing where nobody listens.
/// </summary>
internal sealed class RequestSpans : IDisposable
{
    private static readonly ActivitySource Source = new(ServingMetrics.Name);

    private readonly Activity? request;
    private readonly SortedDictionary<int, string> reasons = [];
    private long outputTokens;

    private RequestSpans(Activity? request) => this.request = request;

    /// <summary>Begins, below the span that is current: that of the call, which has taken over the caller's traceparent.</summary>
    public static RequestSpans Start(GenerationRequest request)
    {
        var span = Source.StartActivity($"{ServingMetrics.OperationOf(request)} student");
        foreach (var (key, value) in ServingMetrics.TagsOf(request))
        {
            span?.SetTag(key, value);
        }

        return new RequestSpans(span);
    }

    /// <summary>It has its place.</summary>
    public void Accepted(GenerationEvent.Accepted accepted) => request?
        .SetTag(GenAi.ResponseId, accepted.RequestId)
        .SetTag("orca.model.version", accepted.Version)
        .SetTag(GenAi.InputTokens, accepted.PromptTokens)
        .SetTag("orca.prefix_cache.tokens", accepted.CachedPromptTokens);

    /// <summary>One of its answers has ended.</summary>
    public void Finished(GenerationEvent.Finished end)
    {
        if (request is null)
        {
            return;
        }

        reasons[end.Sample] = ReasonOf(end.Reason);
        outputTokens += end.CompletionTokens;
        request.SetTag(GenAi.OutputTokens, outputTokens).SetTag(GenAi.FinishReasons, reasons.Values.ToArray());
        var times = end.Timings;
        var seated = request.StartTimeUtc + times.Queue;
        var first = request.StartTimeUtc + times.TimeToFirstToken;
        if (end.Sample == 0)
        {
            Part("queue", request.StartTimeUtc, seated);
            Part("prefill", seated, first < seated ? seated : first);
        }

        Part(
            "decode",
            first,
            first + times.Decode,
            new(GenAi.OutputTokens, end.CompletionTokens),
            new(GenAi.FinishReasons, new[] { ReasonOf(end.Reason) }),
            new("orca.sample", end.Sample),
            new("orca.preemptions", times.Preemptions));
        foreach (var span in end.VersionSpans.Skip(1))
        {
            request.AddEvent(new ActivityEvent("new weights", tags: new ActivityTagsCollection
            {
                ["orca.model.version"] = span.Version,
                ["orca.first_token"] = span.FirstToken,
            }));
        }
    }

    /// <summary>It failed.</summary>
    public void Failed(string error, string message) =>
        request?.SetTag(GenAi.ErrorType, error).SetStatus(ActivityStatusCode.Error, message);

    public void Dispose() => request?.Dispose();

    /// <summary>A reason by the words of the conventions, and of those who made them.</summary>
    private static string ReasonOf(EndReason reason) => reason switch
    {
        EndReason.StopString or EndReason.StopToken or EndReason.EndOfText => "stop",
        EndReason.Length => "length",
        EndReason.Cancelled => "cancelled",
        _ => "weights_updated",
    };

    private void Part(string name, DateTime from, DateTime until, params KeyValuePair<string, object?>[] tags)
    {
        using var part = Source.StartActivity(name, ActivityKind.Internal, request!.Context, tags, startTime: from);
        part?.SetEndTime(until);
    }
}
