namespace Orca.Serving.Batching;

/// <summary>
/// How long steps take, measured, so that a prompt's chunk can be sized by time. Until something is known the chunks are
/// small, and they at most double from one to the next. Belongs to the engine's thread.
/// </summary>
internal sealed class StepTimes
{
    private const int FirstChunk = 16;
    private const double NewestCounts = 0.4;

    private double? decodeSeconds;
    private double? secondsPerPromptToken;
    private int largestChunk;

    /// <summary>Seconds of a step that only decodes; null before there was one.</summary>
    public double? DecodeSeconds => decodeSeconds;

    /// <summary>Prompt tokens that a step may take on, so that it lasts about so long; 0 where decoding alone takes that.</summary>
    /// <param name="stall">Time of the step.</param>
    /// <param name="decodes">Whether it decodes too.</param>
    /// <param name="most">Tokens at most.</param>
    public int Chunk(TimeSpan stall, bool decodes, int most)
    {
        if (secondsPerPromptToken is not { } perToken)
        {
            return Math.Min(FirstChunk, most);
        }

        var left = stall.TotalSeconds - (decodes ? decodeSeconds ?? 0 : 0);
        return left <= 0 ? 0 : (int)Math.Min(Math.Min(left / Math.Max(perToken, 1e-9), 2.0 * largestChunk), most);
    }

    /// <summary>Takes note of a step.</summary>
    /// <param name="decodes">Whether it decoded.</param>
    /// <param name="promptTokens">Prompt tokens it took on.</param>
    /// <param name="seconds">How long it took.</param>
    /// <returns>Seconds of it that went into prompts.</returns>
    public double Record(bool decodes, int promptTokens, double seconds)
    {
        if (promptTokens == 0)
        {
            decodeSeconds = Blend(decodeSeconds, seconds);
            return 0;
        }

        // What decoding takes of it is not the prompt's doing.
        var prefill = Math.Max(seconds - (decodes ? decodeSeconds ?? 0 : 0), 0);
        secondsPerPromptToken = Blend(secondsPerPromptToken, prefill / promptTokens);
        largestChunk = Math.Max(largestChunk, promptTokens);
        return prefill;
    }

    private static double Blend(double? before, double now) => before is { } known ? known + (NewestCounts * (now - known)) : now;
}
