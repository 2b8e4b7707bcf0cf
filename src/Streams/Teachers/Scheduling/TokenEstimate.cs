namespace Orca.Streams.Teachers.Scheduling;

/// <summary>How many tokens a call will use, learned from those that have ended.</summary>
/// <param name="maxTokens">Tokens that an answer may have: what the first ones are taken to have.</param>
internal sealed class TokenEstimate(int maxTokens)
{
    // Long enough that one odd answer moves it little, short enough to follow another kind of questions.
    private const int Memory = 50;

    private double perCharacter = 1.0 / 3;
    private double answer = maxTokens;
    private int seen;

    /// <summary>Tokens of prompt and answer.</summary>
    public double Of(TeacherRequest request) => PromptOf(request) + answer;

    /// <summary>Tokens of the prompt.</summary>
    public double PromptOf(TeacherRequest request) => perCharacter * CharactersOf(request);

    /// <summary>What an answered call used.</summary>
    public void Learn(TeacherRequest request, int promptTokens, int completionTokens)
    {
        seen = Math.Min(seen + 1, Memory);
        answer += (completionTokens - answer) / seen;
        if (promptTokens > 0)
        {
            perCharacter += ((promptTokens / (double)CharactersOf(request)) - perCharacter) / seen;
        }
    }

    private static int CharactersOf(TeacherRequest request) => Math.Max(1, request.SentMessage.Length + request.SentPrompt.Length);
}
