using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orca.Serving.Engine;
using Orca.Serving.Requests;

namespace Orca.Serving.Hosting;

/// <summary>
/// Asks a version of which a step has failed for one token, and again every second until it gives one. As long as it fails at
/// that the version is reported NOT_SERVING, and with the version that most requests go to the whole server; so one bad request
/// turns nobody away, and a server whose device is gone gets no more of them.
/// </summary>
internal sealed partial class StepCheck(InferenceEngine engine, HealthBoard board, TimeProvider clock, ILogger<StepCheck> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HashSet<long> suspects = [];
    private readonly HashSet<long> failing = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await engine.FailedSteps.WaitToReadAsync(stoppingToken))
        {
            do
            {
                while (engine.FailedSteps.TryRead(out var version))
                {
                    suspects.Add(version);
                }

                foreach (var version in suspects.ToList())
                {
                    Note(version, await AnswersAsync(version, stoppingToken));
                }

                if (suspects.Count > 0)
                {
                    await Task.Delay(Interval, clock, stoppingToken);
                }
            }
            while (suspects.Count > 0);
        }
    }

    private void Note(long version, bool? answers)
    {
        if (answers == false && failing.Add(version))
        {
            board.SetFailing(version, true);
            StepsFail(logger, version);
        }
        else if (answers == true)
        {
            suspects.Remove(version);
            if (failing.Remove(version))
            {
                board.SetFailing(version, false);
                StepsSucceed(logger, version);
            }
        }
    }

    /// <summary>Whether a version gives a token, or is gone; null where that cannot be found out now, as while the queue is full.</summary>
    private async Task<bool?> AnswersAsync(long version, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await engine.GenerateAsync(
                new GenerationRequest
                {
                    Prompt = new PromptInput.Tokens([0]),
                    Sampling = SamplingOptions.Greedy,
                    Stopping = new StoppingOptions { MaxTokens = 1, IgnoreEos = true },
                    Weights = new WeightPolicy { PinVersion = version },
                },
                patience.Token);
            return true;
        }
        catch (GenerationException failure)
        {
            return failure.Failure switch
            {
                Failure.StepFailed => false,
                Failure.UnknownVersion => true,
                _ => null,
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    [LoggerMessage(50, LogLevel.Error, "Version {Version} computes nothing: its steps fail, also for a single token; it is reported NOT_SERVING until one succeeds")]
    private static partial void StepsFail(ILogger logger, long version);

    [LoggerMessage(51, LogLevel.Warning, "Version {Version} computes again")]
    private static partial void StepsSucceed(ILogger logger, long version);
}
