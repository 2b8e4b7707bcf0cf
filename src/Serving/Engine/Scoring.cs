using System.Collections.Immutable;
using Orca.Serving.Batching;
using Orca.Serving.Requests;

namespace Orca.Serving.Engine;

/// <summary>Asks an engine how likely tokens are: a request whose prompt is scored and that draws nothing.</summary>
public static class Scoring
{
    /// <summary>Scores tokens with each version asked for.</summary>
    /// <returns>One score for each version, in the order asked for.</returns>
    /// <exception cref="GenerationException">The request was refused, or failed on the way.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled, or another caller named the request to be ended.</exception>
    public static async Task<ImmutableArray<VersionScore>> ScoreAsync(
        this InferenceEngine engine, ScoreRequest request, CancellationToken cancellationToken = default)
    {
        RequestRules.Check(request);
        long?[] versions = request.Versions.IsEmpty ? [null] : [.. request.Versions.Select(version => (long?)version)];
        var scores = ImmutableArray.CreateBuilder<VersionScore>(versions.Length);
        var asked = new GenerationRequest
        {
            RequestId = request.RequestId,
            Prompt = request.Target is { } target ? new PromptInput.Scored(request.Prompt, target) : request.Prompt,
            Output = new OutputOptions { PromptLogprobs = true, TopLogprobs = request.TopLogprobs },
            Scheduling = request.Scheduling,
            CacheSalt = request.CacheSalt,
            OnlyScores = true,
        };
        foreach (var version in versions)
        {
            // One after the other, so that the request's name stands for what is in flight of it. What one version's language
            // made of the prompt serves the next where that speaks the same.
            asked = await engine.CheckAsync(asked with { Weights = new WeightPolicy { PinVersion = version } }, cancellationToken);
            scores.Add(await ScoreAsync(engine, asked, cancellationToken));
        }

        return scores.MoveToImmutable();
    }

    private static async Task<VersionScore> ScoreAsync(
        InferenceEngine engine, GenerationRequest request, CancellationToken cancellationToken)
    {
        GenerationEvent.Accepted? accepted = null;
        await foreach (var generationEvent in engine.StreamAsync(request, cancellationToken))
        {
            accepted ??= generationEvent as GenerationEvent.Accepted;
            if (generationEvent is GenerationEvent.Finished finished)
            {
                return finished.Reason == EndReason.Cancelled
                    ? throw new OperationCanceledException("The scoring was cancelled by its name.")
                    : new VersionScore(
                        accepted?.Version ?? 0, finished.PromptTokens - finished.PromptLogprobs.Length, finished.PromptLogprobs)
                    { Language = accepted?.Language };
            }
        }

        throw new EngineInvariantException("a scored request ended without saying so");
    }
}
