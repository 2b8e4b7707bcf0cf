using System.Collections.Immutable;
using Orca.Serving.Checkpoints;

namespace Orca.Serving.Requests;

/// <summary>What one student can be given to continue.</summary>
internal static class PromptRules
{
    /// <summary>
    /// Throws where a text cannot fit a student, whatever its tokens are; so nobody has a text read that is then refused for its
    /// length.
    /// </summary>
    /// <param name="characters">Characters of the prompt's texts.</param>
    /// <param name="language">The student's language.</param>
    /// <param name="contextTokens">Tokens that prompt and answer may have together.</param>
    /// <exception cref="GenerationException">It has more bytes than the context could hold of the longest tokens.</exception>
    public static void CheckLength(long characters, StudentLanguage language, int contextTokens)
    {
        // A character takes a byte at least, and texts shorter than the context need no look at the vocabulary.
        if (characters > contextTokens && characters > (long)contextTokens * language.LongestToken)
        {
            throw GenerationException.Invalid(
                "input",
                $"has {characters} characters; the context holds {contextTokens} tokens, of {language.LongestToken} bytes at most");
        }
    }

    /// <summary>Throws where a request names a token that a student does not have: to favour it, or to stop at it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="language">The student's language.</param>
    /// <exception cref="GenerationException">An id lies outside the vocabulary.</exception>
    public static void CheckIds(GenerationRequest request, StudentLanguage language)
    {
        foreach (var (id, _) in request.Sampling.LogitBias)
        {
            RequireToken("sampling.logit_bias", id, language);
        }

        foreach (var id in request.Stopping.StopTokenIds)
        {
            RequireToken("stopping.stop_token_ids", id, language);
        }
    }

    /// <summary>Throws where a prompt does not fit a student.</summary>
    /// <param name="prompt">Its tokens.</param>
    /// <param name="language">The student's language.</param>
    /// <param name="contextTokens">Tokens that prompt and answer may have together.</param>
    /// <param name="onlyScores">Whether nothing is answered.</param>
    /// <exception cref="GenerationException">The prompt is empty, leaves no room for an answer, or holds a token of no piece.</exception>
    public static void Check(ImmutableArray<int> prompt, StudentLanguage language, int contextTokens, bool onlyScores)
    {
        if (prompt.IsEmpty)
        {
            throw GenerationException.Invalid("input", "gives no token to start from, and this student has no start token");
        }

        if (prompt.Length > contextTokens || (prompt.Length == contextTokens && !onlyScores))
        {
            var needed = onlyScores ? "" : ", at least one of them for the answer";
            throw GenerationException.Invalid("input", $"has {prompt.Length} tokens; the context holds {contextTokens}{needed}");
        }

        if (!language.Holds(prompt))
        {
            throw GenerationException.Invalid("token_ids", $"holds an id outside the vocabulary of {language.DrawableTokens} tokens");
        }
    }

    private static void RequireToken(string field, int id, StudentLanguage language)
    {
        if (id >= language.DrawableTokens)
        {
            throw GenerationException.Invalid(field, $"holds the id {id}, outside the vocabulary of {language.DrawableTokens} tokens");
        }
    }
}
