using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Orca.Serving.Engine;
using Orca.Serving.Requests;

namespace Orca.Serving.OpenAi;

/// <summary>
/// The prompts of one call, answered side by side: as many as have room at once, so that one call does not fill the queue. The
/// first failure ends all of them. Samples are numbered over the whole call, all of one prompt before those of the next.
/// </summary>
/// <param name="engine">Answers.</param>
/// <param name="requests">One for each prompt, all of as many samples.</param>
internal sealed class PromptBatch(InferenceEngine engine, ImmutableArray<GenerationRequest> requests)
{
    // The engine's own outlets gather what nobody takes; this only spares it waiting for each event.
    private const int EventsAhead = 16;

    /// <summary>Samples of each prompt.</summary>
    public int SamplesOfPrompt => requests[0].Sampling.SampleCount;

    /// <summary>Every answer, whole.</summary>
    /// <exception cref="GenerationException">A request was refused, or failed on the way.</exception>
    public async Task<ImmutableArray<Answer>> GatherAsync(CancellationToken cancellationToken)
    {
        var answers = new Answer[requests.Length];
        await ForEachAsync(
            async (prompt, token) => answers[prompt] = await Answer.GatherAsync(engine.StreamAsync(requests[prompt], token)),
            cancellationToken);
        return [.. answers];
    }

    /// <summary>The events of all answers as they come, those of each prompt in order.</summary>
    /// <exception cref="GenerationException">A request was refused, or failed on the way.</exception>
    public async IAsyncEnumerable<PromptEvent> StreamAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (requests.Length == 1)
        {
            await foreach (var happened in EventsOf(0, cancellationToken))
            {
                yield return happened;
            }

            yield break;
        }

        var events = Channel.CreateBounded<PromptEvent>(
            new BoundedChannelOptions(EventsAhead) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var answering = AnswerAsync(events.Writer, end.Token);
        try
        {
            await foreach (var happened in events.Reader.ReadAllAsync(cancellationToken))
            {
                yield return happened;
            }
        }
        finally
        {
            await end.CancelAsync();
            await answering;
        }
    }

    private async Task AnswerAsync(ChannelWriter<PromptEvent> events, CancellationToken cancellationToken)
    {
        Exception? fault = null;
        try
        {
            await ForEachAsync(
                async (prompt, token) =>
                {
                    await foreach (var happened in EventsOf(prompt, token))
                    {
                        await events.WriteAsync(happened, token);
                    }
                },
                cancellationToken);
        }
        catch (Exception failure)
        {
            // The reader throws it.
            fault = failure;
        }

        events.Complete(fault);
    }

    private async IAsyncEnumerable<PromptEvent> EventsOf(int prompt, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var first = prompt * SamplesOfPrompt;
        var request = requests[prompt];
        await foreach (var happened in engine.StreamAsync(request, cancellationToken).MergeAsync(
            everyTokens: 1, request.Output.Logprobs, cancellationToken))
        {
            yield return new PromptEvent(prompt, happened switch
            {
                GenerationEvent.Delta delta => delta with { Sample = first + delta.Sample },
                GenerationEvent.Finished finished => finished with { Sample = first + finished.Sample },
                _ => happened,
            });
        }
    }

    private Task ForEachAsync(Func<int, CancellationToken, Task> answer, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        Enumerable.Range(0, requests.Length),
        new ParallelOptions { MaxDegreeOfParallelism = engine.MostAtOnce, CancellationToken = cancellationToken },
        async (prompt, token) => await answer(prompt, token));
}

/// <summary>Something that happened to the answers of one prompt.</summary>
/// <param name="Prompt">Which of the call's prompts, from 0.</param>
/// <param name="Event">What happened; its sample is numbered over the whole call.</param>
internal readonly record struct PromptEvent(int Prompt, GenerationEvent Event);
