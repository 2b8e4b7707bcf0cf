using System.Globalization;
using Orca.Evaluation.Subjects;
using Orca.Serving.Engine;
using Orca.Serving.Requests;

namespace Orca.Cli.Clients;

/// <summary>A student in this process, asked without a server.</summary>
/// <param name="engine">Borrowed.</param>
/// <param name="name">Name for reports.</param>
internal sealed class LocalStudent(InferenceEngine engine, string name) : ITextGenerator, ITextScorer
{
    public string Name => name;

    public async Task<GeneratedAnswer> GenerateAsync(
        string systemMessage, string prompt, int maxTokens, CancellationToken cancellationToken)
    {
        var request = new GenerationRequest
        {
            Prompt = new PromptInput.Chat(systemMessage, prompt),
            Sampling = SamplingOptions.Greedy,
            Stopping = new StoppingOptions { MaxTokens = maxTokens },
        };
        var generation = await engine.GenerateAsync(request, cancellationToken);
        return new GeneratedAnswer(generation.Text, generation.Version.ToString(CultureInfo.InvariantCulture));
    }

    public async Task<AnswerLoss> LossAsync(string systemMessage, string prompt, string answer, CancellationToken cancellationToken)
    {
        var request = new ScoreRequest
        {
            Prompt = new PromptInput.Chat(systemMessage, prompt),
            Target = new ScoreTarget.Text(answer),
        };
        var score = (await engine.ScoreAsync(request, cancellationToken))[0];
        return new AnswerLoss(-score.TotalLogprob, score.Logprobs.Length, score.Version.ToString(CultureInfo.InvariantCulture));
    }
}
