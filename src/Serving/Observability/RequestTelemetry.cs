using System.Runtime.CompilerServices;
using Orca.Serving.Requests;

namespace Orca.Serving.Observability;

/// <summary>Measures and traces requests, on the thread of whoever reads their answers.</summary>
internal sealed class RequestTelemetry(ServingMetrics metrics, TimeProvider clock)
{
    /// <summary>What <see cref="GenAi.ErrorType"/> says of a request whose caller went away.</summary>
    public const string Cancelled = "Cancelled";

    /// <summary>Passes an answer on as it is, and takes note of it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="answer">Asks for the answer.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public async IAsyncEnumerable<GenerationEvent> WatchAsync(
        GenerationRequest request,
        Func<CancellationToken, IAsyncEnumerable<GenerationEvent>> answer,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var watch = new Watch(request, metrics, clock);
        await using var events = answer(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await watch.MoveNextAsync(events))
        {
            yield return events.Current;
        }
    }

    /// <summary>One request. Until its last answer has ended, its end is its caller's going away.</summary>
    private sealed class Watch(GenerationRequest request, ServingMetrics metrics, TimeProvider clock) : IDisposable
    {
        private readonly long started = clock.GetTimestamp();
        private readonly RequestSpans spans = RequestSpans.Start(request);
        private int left = request.Sampling.SampleCount;
        private string? error = Cancelled;

        public async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<GenerationEvent> events)
        {
            try
            {
                if (!await events.MoveNextAsync())
                {
                    return false;
                }
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                error = failure is GenerationException known ? known.Failure.ToString() : failure.GetType().Name;
                spans.Failed(error, failure.Message);
                throw;
            }

            Saw(events.Current);
            return true;
        }

        public void Dispose()
        {
            metrics.Ended(request, clock.GetElapsedTime(started), error);
            spans.Dispose();
        }

        private void Saw(GenerationEvent happened)
        {
            if (happened is GenerationEvent.Accepted accepted)
            {
                spans.Accepted(accepted);
            }
            else if (happened is GenerationEvent.Finished end)
            {
                metrics.Answered(request, end);
                spans.Finished(end);
                error = --left > 0 ? error : end.Reason == EndReason.Cancelled ? Cancelled : null;
            }
        }
    }
}
