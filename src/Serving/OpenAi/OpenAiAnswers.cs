using Microsoft.AspNetCore.Http;
using Orca.Serving.Grpc;
using Orca.Serving.Requests;

namespace Orca.Serving.OpenAi;

/// <summary>Sends answers, whole or in chunks.</summary>
internal sealed class OpenAiAnswers(TimeProvider clock)
{
    /// <summary>Answers one call.</summary>
    /// <param name="context">Where the answer goes.</param>
    /// <param name="batch">Its prompts, as the engine takes them.</param>
    /// <param name="request">The same as it came.</param>
    /// <param name="form">What the answer looks like.</param>
    /// <exception cref="GenerationException">The request was refused, or failed before anything was sent.</exception>
    public Task SendAsync<TChoice, TChunk>(HttpContext context, PromptBatch batch, OpenAiRequest request, AnswerForm<TChoice, TChunk> form)
        where TChunk : class =>
        request.Stream == true ? StreamAsync(context, batch, request, form) : WholeAsync(context, batch, request, form);

    private async Task WholeAsync<TChoice, TChunk>(
        HttpContext context, PromptBatch batch, OpenAiRequest request, AnswerForm<TChoice, TChunk> form)
    {
        var answers = await batch.GatherAsync(context.RequestAborted);
        TellHeaders(context, answers[0].Accepted);
        var samples = answers.SelectMany(answer => answer.Samples.Select(sample => (Sample: sample, answer.Accepted.Language!.Tokenizer)))
            .ToList();
        var prompts = answers.Aggregate(TokenUsage.None, (usage, answer) => usage.And(answer.Accepted));
        var response = HeadOf<TChoice>(request, answers[0].Accepted, form.IdPrefix, form.Kind) with
        {
            SystemFingerprint = string.Join(',', answers.Select(answer => FingerprintOf(answer.Accepted)).Distinct()),
            Choices = [.. samples.Select((sample, i) => form.Whole(i, sample.Sample, sample.Tokenizer))],
            Usage = samples.Aggregate(prompts, (usage, sample) => usage.And(sample.Sample.End)),
        };
        await context.Response.WriteAsJsonAsync(response, form.WholeType, cancellationToken: context.RequestAborted);
    }

    private async Task StreamAsync<TChoice, TChunk>(
        HttpContext context, PromptBatch batch, OpenAiRequest request, AnswerForm<TChoice, TChunk> form)
        where TChunk : class
    {
        var end = context.RequestAborted;
        var stream = new EventStream(context.Response);
        OpenAiResponse<TChunk>? head = null;
        var prompts = new Dictionary<int, GenerationEvent.Accepted>();
        var usage = TokenUsage.None;
        try
        {
            await foreach (var (prompt, happened) in batch.StreamAsync(end))
            {
                switch (happened)
                {
                    case GenerationEvent.Accepted accepted:
                        head ??= Begin(accepted);
                        prompts[prompt] = accepted;
                        usage = usage.And(accepted);
                        var samples = Enumerable.Range(prompt * batch.SamplesOfPrompt, batch.SamplesOfPrompt);
                        foreach (var opening in samples.Select(form.Opening).OfType<TChunk>())
                        {
                            await SendAsync(prompt, opening);
                        }

                        break;
                    case GenerationEvent.Delta delta:
                        await SendAsync(prompt, form.More(delta, prompts[prompt].Language!.Tokenizer));
                        break;
                    case GenerationEvent.Finished finished:
                        await SendAsync(prompt, form.End(finished));
                        usage = usage.And(finished);
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
            await stream.SendAsync(head! with { Usage = usage }, form.ChunkType, end);
        }

        await stream.EndAsync(end);

        OpenAiResponse<TChunk> Begin(GenerationEvent.Accepted first)
        {
            TellHeaders(context, first);
            stream.Begin();
            return HeadOf<TChunk>(request, first, form.IdPrefix, form.ChunkKind);
        }

        Task SendAsync(int prompt, TChunk chunk) =>
            stream.SendAsync(head! with { SystemFingerprint = FingerprintOf(prompts[prompt]), Choices = [chunk] }, form.ChunkType, end);
    }

    /// <summary>What all of a response says. Of several prompts, the first that has its place names it.</summary>
    private OpenAiResponse<T> HeadOf<T>(OpenAiRequest request, GenerationEvent.Accepted first, string idPrefix, string kind) => new()
    {
        Id = idPrefix + first.RequestId,
        Object = kind,
        Created = clock.GetUtcNow().ToUnixTimeSeconds(),
        Model = request.Model ?? ModelNames.Student,
        SystemFingerprint = FingerprintOf(first),
        Choices = [],
    };

    private static string FingerprintOf(GenerationEvent.Accepted accepted) => $"version-{accepted.Version}";

    private static void TellHeaders(HttpContext context, GenerationEvent.Accepted accepted)
    {
        foreach (var (name, value) in AnswerHeaders.Of(accepted))
        {
            context.Response.Headers[name] = value;
        }
    }
}
