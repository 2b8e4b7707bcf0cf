using System.Globalization;
using Grpc.Core;
using Orca.Evaluation.Protocols;
using Orca.Evaluation.Subjects;
using Orca.Protocol.Inference.V1;

namespace Orca.Cli.Clients;

/// <summary>The student behind a server, asked over gRPC.</summary>
/// <param name="client">Borrowed.</param>
/// <param name="name">Name for reports.</param>
/// <param name="versions">Names the versions that answer; null: by their numbers.</param>
internal sealed class RemoteStudent(InferenceService.InferenceServiceClient client, string name, RemoteVersions? versions = null)
    : ITextGenerator, ITextScorer
{
    public string Name => name;

    public async Task<GeneratedAnswer> GenerateAsync(Prompt prompt, CancellationToken cancellationToken)
    {
        var spec = new GenerationSpec
        {
            Sampling = new SamplingParams { Temperature = (float)prompt.Temperature, Seed = prompt.Seed, Deterministic = true },
            Stopping = new StoppingParams { MaxTokens = (uint)prompt.MaxTokens, StopStrings = { prompt.Stops } },
        };
        if (prompt.IsRaw)
        {
            spec.Text = prompt.Text;
        }
        else
        {
            spec.Chat = ChatOf(prompt);
        }

        GenerateResponse response;
        try
        {
            response = await client.GenerateAsync(new GenerateRequest { Spec = spec }, cancellationToken: cancellationToken);
        }
        catch (RpcException refused) when (refused.StatusCode == StatusCode.InvalidArgument)
        {
            return GeneratedAnswer.Refused(refused.Status.Detail);
        }

        return new GeneratedAnswer(response.Text, await LabelOfAsync(response.WeightVersion, cancellationToken))
        {
            PromptTokens = (int)(response.Finished?.Usage?.PromptTokens ?? 0),
            Tokens = (int)(response.Finished?.Usage?.CompletionTokens ?? 0),
            IsCut = response.Finished?.Reason == FinishReason.Length,
        };
    }

    public async Task<AnswerLoss> LossAsync(Prompt prompt, string answer, CancellationToken cancellationToken)
    {
        var request = new ScoreRequest { TargetText = answer };
        if (prompt.IsRaw)
        {
            request.Text = prompt.Text;
        }
        else
        {
            request.Chat = ChatOf(prompt);
        }

        var score = (await client.ScoreAsync(request, cancellationToken: cancellationToken)).Scores[0];
        return new AnswerLoss(
            -score.TotalLogprob, score.Logprobs.Count, await LabelOfAsync(score.WeightVersion, cancellationToken));
    }

    public string? RefusalOf(Exception failure) =>
        failure is RpcException { StatusCode: StatusCode.InvalidArgument } refused ? refused.Status.Detail : null;

    private Task<string> LabelOfAsync(ulong number, CancellationToken cancellationToken) =>
        versions?.LabelOfAsync(number, cancellationToken) ?? Task.FromResult(number.ToString(CultureInfo.InvariantCulture));

    private static ChatPrompt ChatOf(Prompt prompt) => new() { SystemMessage = prompt.SystemMessage, UserMessage = prompt.Text };
}
