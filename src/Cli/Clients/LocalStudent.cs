using System.Globalization;
using Orca.Evaluation.Protocols;
using Orca.Evaluation.Subjects;
using Orca.Serving.Engine;
using Orca.Serving.Requests;

namespace Orca.Cli.Clients;

/// <summary>A student in this process, asked without a server.</summary>
/// <param name="engine">Borrowed.</param>
/// <param name="name">Name for reports.</param>
/// <param name="version">The version that is asked, behind all other callers; null for the one that answers, in turn.</param>
/// <param name="label">What its version is called in records; null for its number.</param>
internal sealed class LocalStudent(InferenceEngine engine, string name, long? version = null, string? label = null)
    : ITextGenerator, ITextScorer
{
    public string Name => name;

    public async Task<GeneratedAnswer> GenerateAsync(Prompt prompt, CancellationToken cancellationToken)
    {
        var request = new GenerationRequest
        {
            Prompt = InputOf(prompt),
            Sampling = new SamplingOptions { Temperature = (float)prompt.Temperature, Seed = prompt.Seed, Deterministic = true },
            Stopping = new StoppingOptions { MaxTokens = prompt.MaxTokens, StopStrings = prompt.Stops },
            Weights = new WeightPolicy { PinVersion = version },
            Scheduling = new SchedulingOptions { Priority = version is null ? Priority.Normal : Priority.Low },
        };
        Generation generation;
        try
        {
            generation = await engine.GenerateAsync(request, cancellationToken);
        }
        catch (GenerationException refused) when (refused.Failure == Failure.InvalidRequest)
        {
            return GeneratedAnswer.Refused(refused.Message);
        }

        return new GeneratedAnswer(generation.Text, LabelOf(generation.Version))
        {
            PromptTokens = generation.End.PromptTokens,
            Tokens = generation.Tokens.Length,
            IsCut = generation.End.Reason == EndReason.Length,
        };
    }

    public async Task<AnswerLoss> LossAsync(Prompt prompt, string answer, CancellationToken cancellationToken)
    {
        var request = new ScoreRequest { Prompt = InputOf(prompt), Target = new ScoreTarget.Text(answer) };
        var score = (await engine.ScoreAsync(request, cancellationToken))[0];
        return new AnswerLoss(-score.TotalLogprob, score.Logprobs.Length, LabelOf(score.Version));
    }

    public string? RefusalOf(Exception failure) =>
        failure is GenerationException { Failure: Failure.InvalidRequest } refused ? refused.Message : null;

    private string LabelOf(long number) => label ?? number.ToString(CultureInfo.InvariantCulture);

    private static PromptInput InputOf(Prompt prompt) =>
        prompt.IsRaw ? new PromptInput.PlainText(prompt.Text) : new PromptInput.Chat(prompt.SystemMessage, prompt.Text);
}
