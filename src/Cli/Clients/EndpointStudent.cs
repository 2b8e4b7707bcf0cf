using Microsoft.Extensions.AI;
using Orca.Evaluation.Protocols;
using Orca.Evaluation.Subjects;
using Orca.Evaluation.Suites;
using Orca.Streams.Teachers;
using Orca.Streams.Teachers.Endpoints;

namespace Orca.Cli.Clients;

/// <summary>
/// A model behind an OpenAI-compatible endpoint, asked over HTTP; again where it is busy, with the pauses that it asks for.
/// </summary>
/// <param name="endpoint">Borrowed.</param>
/// <param name="patience">For how long each question is asked again.</param>
/// <param name="clock">The clock.</param>
/// <param name="tell">Hears who did not answer, why, and for how long the question rests.</param>
internal sealed class EndpointStudent(
    TeacherEndpoint endpoint, TimeSpan patience, TimeProvider clock, Action<string, string, TimeSpan>? tell = null) : ITextGenerator
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    public string Name => endpoint.Options.Name;

    public async Task<GeneratedAnswer> GenerateAsync(Prompt prompt, CancellationToken cancellationToken)
    {
        if (prompt.IsRaw)
        {
            throw new EvaluationException(
                $"{Name} is asked through its own chat template, and this protocol wants raw text; take --protocol robust or paper.");
        }

        var (began, pause) = (clock.GetTimestamp(), FirstPause);
        while (true)
        {
            var attempt = await endpoint.AskAsync(MessagesOf(prompt), ParametersOf(prompt), cancellationToken);
            if (attempt.Fault is null)
            {
                return new GeneratedAnswer(attempt.Text, endpoint.Options.Model)
                {
                    PromptTokens = attempt.PromptTokens,
                    Tokens = attempt.CompletionTokens,
                    IsCut = attempt.Kind == AttemptKind.Truncated,
                };
            }

            if (attempt.Fault == TeacherFault.Request)
            {
                return GeneratedAnswer.Refused(attempt.Message);
            }

            var rest = attempt.RetryAfter ?? pause;
            if (attempt.Fault != TeacherFault.Temporary || clock.GetElapsedTime(began) + rest > patience)
            {
                throw new EvaluationException(
                    $"{Name} {attempt.Message}. What was answered is kept: start the same command again to go on.", attempt.Exception);
            }

            tell?.Invoke(Name, attempt.Message, rest);
            await Task.Delay(rest, clock, cancellationToken);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private static List<ChatMessage> MessagesOf(Prompt prompt) => prompt.SystemMessage.Length > 0
        ? [new ChatMessage(ChatRole.System, prompt.SystemMessage), new ChatMessage(ChatRole.User, prompt.Text)]
        : [new ChatMessage(ChatRole.User, prompt.Text)];

    // Some endpoints take seeds of 63 bits.
    private ChatOptions ParametersOf(Prompt prompt) => new()
    {
        ModelId = endpoint.Options.Model,
        Temperature = (float)prompt.Temperature,
        MaxOutputTokens = prompt.MaxTokens,
        Seed = prompt.Temperature > 0 ? (long)(prompt.Seed >> 1) : null,
        StopSequences = prompt.Stops.IsEmpty ? null : [.. prompt.Stops],
    };
}
