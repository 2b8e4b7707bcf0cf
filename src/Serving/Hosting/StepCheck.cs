using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orca.Serving.Engine;
using Orca.Serving.Requests;

namespace Orca.Serving.Hosting;

/// <summary>
/// Asks a version of which a step has failed for one token, and again until it gives one. Where it fails at that several times in a
/// row the version is reported NOT_SERVING until it succeeds, and with the version that most requests go to the whole server; so
/// one bad request turns nobody away, nor does one that shares a step with a check, and a server whose device is gone gets no more.
/// </summary>
internal sealed partial class StepCheck(InferenceEngine engine, HealthBoard board, TimeProvider clock, ILogger<StepCheck> logger) : BackgroundService
{
    private const int Persistent = 3;
    private static readonly TimeSpan ShortInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // Versions to ask, and how often in a row each has failed.
    private readonly Dictionary<long, int> suspects = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await engine.FailedSteps.WaitToReadAsync(stoppingToken))
        {
            do
            {
                while (engine.FailedSteps.TryRead(out var version))
                {
                    suspects.TryAdd(version, 0);
                }

                foreach (var version in suspects.Keys.ToList())
                {
                    Note(version, await AnswersAsync(version, stoppingToken));
                }

                if (suspects.Count > 0)
                {
                    await Task.Delay(
                        suspects.Values.Any(failures => failures < Persistent) ? ShortInterval : Interval, clock, stoppingToken);
                }
            }
            while (suspects.Count > 0);
        }
    }

    private void Note(long version, bool? answers)
    {
        if (answers == false && ++suspects[version] == Persistent)
        {
            board.SetFailing(version, true);
            StepsFail(logger, version);
        }
        else if (answers == true && suspects.Remove(version, out var failures) && failures >= Persistent)
        {
            board.SetFailing(version, false);
            StepsSucceed(logger, version);
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

    [LoggerMessage(
        50, LogLevel.Error,
        "Version {Version} computes nothing: its steps fail, also for a single token; it is reported NOT_SERVING until one succeeds")]
    private static partial void StepsFail(ILogger logger, long version);

    [LoggerMessage(51, LogLevel.Warning, "Version {Version} computes again")]
    private static partial void StepsSucceed(ILogger logger, long version);
}
