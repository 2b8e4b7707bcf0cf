using Microsoft.AspNetCore.Http;
using Orca.Serving.Engine;
using Orca.Serving.Grpc;
using Orca.Serving.Requests;

namespace Orca.Serving.OpenAi;

/// <summary>Asks the engine and sends its answer, whole or in chunks.</summary>
internal sealed class OpenAiAnswers(InferenceEngine engine, TimeProvider clock)
{
    /// <summary>Answers one request.</summary>
    /// <param name="context">Where the answer goes.</param>
    /// <param name="asked">The request as the engine takes it.</param>
    /// <param name="request">The same as it came.</param>
    /// <param name="form">What the answer looks like.</param>
    /// <exception cref="GenerationException">The request was refused, or failed before anything was sent.</exception>
    public Task SendAsync<TChoice, TChunk>(
        HttpContext context, GenerationRequest asked, OpenAiRequest request, AnswerForm<TChoice, TChunk> form)
        where TChunk : class =>
        request.Stream == true ? StreamAsync(context, asked, request, form) : WholeAsync(context, asked, request, form);

    private async Task WholeAsync<TChoice, TChunk>(
        HttpContext context, GenerationRequest asked, OpenAiRequest request, AnswerForm<TChoice, TChunk> form)
    {
        var answer = await Answer.GatherAsync(engine.StreamAsync(asked, context.RequestAborted));
        TellHeaders(context, answer.Accepted);
        var response = HeadOf<TChoice>(request, answer.Accepted, form.IdPrefix, form.Kind) with
        {
            Choices = [.. answer.Samples.Select((sample, i) => form.Whole(i, sample))],
            Usage = UsageOf(answer.Samples[0].End, answer.CompletionTokens),
        };
        await context.Response.WriteAsJsonAsync(response, form.WholeType, cancellationToken: context.RequestAborted);
    }

    private async Task StreamAsync<TChoice, TChunk>(
        HttpContext context, GenerationRequest asked, OpenAiRequest request, AnswerForm<TChoice, TChunk> form)
        where TChunk : class
    {
        var end = context.RequestAborted;
        var stream = new EventStream(context.Response);
        OpenAiResponse<TChunk>? head = null;
        GenerationEvent.Finished? last = null;
        var completionTokens = 0;
        try
        {
            await foreach (var happened in engine.StreamAsync(asked, end).MergeAsync(everyTokens: 1, asked.Output.Logprobs, end))
            {
                switch (happened)
                {
                    case GenerationEvent.Accepted accepted:
                        TellHeaders(context, accepted);
                        stream.Begin();
                        head = HeadOf<TChunk>(request, accepted, form.IdPrefix, form.ChunkKind);
                        foreach (var opening in Enumerable.Range(0, asked.Sampling.SampleCount).Select(form.Opening).OfType<TChunk>())
                        {
                            await SendAsync(opening);
                        }

                        break;
                    case GenerationEvent.Delta delta:
                        await SendAsync(form.More(delta));
                        break;
                    case GenerationEvent.Finished finished:
                        await SendAsync(form.End(finished));
                        completionTokens += finished.CompletionTokens;
                        last = finished;
                        break;
                }
            }
        }
        catch (GenerationException failure) when (head is not null)
        {
            // The status is sent already: the failure is the last event, and no [DONE] follows.
            await stream.SendAsync(OpenAiError.BodyOf(failure), OpenAiJson.Wire.ErrorBody, end);
            return;
        }

        if (request.IncludeUsage)
        {
            await stream.SendAsync(head! with { Usage = UsageOf(last!, completionTokens) }, form.ChunkType, end);
        }

        await stream.EndAsync(end);

        Task SendAsync(TChunk chunk) => stream.SendAsync(head! with { Choices = [chunk] }, form.ChunkType, end);
    }

    private OpenAiResponse<T> HeadOf<T>(OpenAiRequest request, GenerationEvent.Accepted accepted, string idPrefix, string kind) => new()
    {
        Id = idPrefix + accepted.RequestId,
        Object = kind,
        Created = clock.GetUtcNow().ToUnixTimeSeconds(),
        Model = request.Model ?? ModelNames.Student,
        SystemFingerprint = $"version-{accepted.Version}",
        Choices = [],
    };

    private static TokenUsage UsageOf(GenerationEvent.Finished end, int completionTokens) => new(
        end.PromptTokens, completionTokens, end.PromptTokens + completionTokens, new PromptDetails(end.CachedPromptTokens));

    private static void TellHeaders(HttpContext context, GenerationEvent.Accepted accepted)
    {
        foreach (var (name, value) in AnswerHeaders.Of(accepted))
        {
            context.Response.Headers[name] = value;
        }
    }
}
