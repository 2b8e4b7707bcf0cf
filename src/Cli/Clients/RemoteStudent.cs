using System.Globalization;
using Orca.Evaluation.Subjects;
using Orca.Protocol.Inference.V1;

namespace Orca.Cli.Clients;

/// <summary>The student behind a server, asked over gRPC.</summary>
/// <param name="client">Borrowed.</param>
/// <param name="name">Name for reports.</param>
internal sealed class RemoteStudent(InferenceService.InferenceServiceClient client, string name) : ITextGenerator, ITextScorer
{
    public string Name => name;

    public async Task<GeneratedAnswer> GenerateAsync(
        string systemMessage, string prompt, int maxTokens, CancellationToken cancellationToken)
    {
        var request = new GenerateRequest
        {
            Spec = new GenerationSpec
            {
                Chat = new ChatPrompt { SystemMessage = systemMessage, UserMessage = prompt },
                Sampling = new SamplingParams { Temperature = 0 },
                Stopping = new StoppingParams { MaxTokens = (uint)maxTokens },
            },
        };
        var response = await client.GenerateAsync(request, cancellationToken: cancellationToken);
        return new GeneratedAnswer(response.Text, response.WeightVersion.ToString(CultureInfo.InvariantCulture));
    }

    public async Task<AnswerLoss> LossAsync(string systemMessage, string prompt, string answer, CancellationToken cancellationToken)
    {
        var request = new ScoreRequest
        {
            Chat = new ChatPrompt { SystemMessage = systemMessage, UserMessage = prompt },
            TargetText = answer,
        };
        var score = (await client.ScoreAsync(request, cancellationToken: cancellationToken)).Scores[0];
        return new AnswerLoss(-score.TotalLogprob, score.Logprobs.Count, score.WeightVersion.ToString(CultureInfo.InvariantCulture));
    }
}
