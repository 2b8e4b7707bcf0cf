namespace Orca.Serving.Requests;

/// <summary>The ranges of <see cref="StoppingOptions"/>.</summary>
internal static class StoppingRules
{
    private const int MaxStopStrings = 16;
    private const int MaxStopStringLength = 256;
    private const int MaxStopTokens = 64;

    /// <summary>Every field that is out of range.</summary>
    public static IEnumerable<FieldFault> Faults(StoppingOptions stopping)
    {
        if (stopping.MaxTokens is < 1)
        {
            yield return new("stopping.max_tokens", $"is {stopping.MaxTokens}; 1 or more is allowed");
        }

        if (stopping.MinTokens < 0)
        {
            yield return new("stopping.min_tokens", $"is {stopping.MinTokens}; 0 or more is allowed");
        }
        else if (stopping.MaxTokens >= 1 && stopping.MinTokens > stopping.MaxTokens)
        {
            yield return new("stopping.min_tokens", $"is {stopping.MinTokens}, above the {stopping.MaxTokens} tokens that the answer has at most");
        }

        if (stopping.StopStrings.Length > MaxStopStrings)
        {
            yield return new("stopping.stop_strings", $"has {stopping.StopStrings.Length} entries; at most {MaxStopStrings} are allowed");
        }

        if (stopping.StopStrings.Any(text => text.Length is 0 or > MaxStopStringLength))
        {
            yield return new("stopping.stop_strings", $"has an entry that is empty or longer than {MaxStopStringLength} characters");
        }

        if (stopping.StopStrings.Any(HasHalfCharacter))
        {
            yield return new("stopping.stop_strings", "has an entry with half a surrogate pair, which no text holds");
        }

        if (stopping.StopTokenIds.Length > MaxStopTokens)
        {
            yield return new("stopping.stop_token_ids", $"has {stopping.StopTokenIds.Length} entries; at most {MaxStopTokens} are allowed");
        }

        if (stopping.StopTokenIds.Any(token => token < 0))
        {
            yield return new("stopping.stop_token_ids", "has a token id below 0");
        }
    }

    private static bool HasHalfCharacter(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && !char.IsSurrogatePair(text, i++))
            {
                return true;
            }
        }

        return false;
    }
}
