namespace Orca.Serving.Engine;

/// <summary>What an engine has to do, and has done since it began.</summary>
/// <param name="Running">Answers that have a place.</param>
/// <param name="Waiting">Requests and answers that wait for one.</param>
/// <param name="Steps">Steps computed.</param>
/// <param name="PromptTokens">Tokens prefilled, those computed again included.</param>
/// <param name="CompletionTokens">Tokens generated.</param>
public readonly record struct EngineLoad(int Running, int Waiting, long Steps, long PromptTokens, long CompletionTokens)
{
    /// <summary>Tokens of the prompts that wait.</summary>
    public long QueuedPromptTokens { get; init; }

    /// <summary>Blocks of the cache in all.</summary>
    public int Blocks { get; init; }

    /// <summary>Blocks that hold nothing.</summary>
    public int FreeBlocks { get; init; }

    /// <summary>Blocks that nobody uses and that hold what may be found again.</summary>
    public int CachedBlocks { get; init; }

    /// <summary>Blocks that somebody uses.</summary>
    public int UsedBlocks { get; init; }

    /// <summary>Tokens that were found in the cache and not computed.</summary>
    public long FoundTokens { get; init; }

    /// <summary>Times an answer lost its place to others.</summary>
    public long Preemptions { get; init; }

    /// <summary>Seconds of steps spent on prompts.</summary>
    public double PrefillSeconds { get; init; }

    /// <summary>Seconds of steps spent on the next tokens of answers.</summary>
    public double DecodeSeconds { get; init; }

    /// <summary>Steps that had the next token of an answer to compute.</summary>
    public long DecodeSteps { get; init; }

    /// <summary>Tokens computed in decoding rows.</summary>
    public long DecodeTokens { get; init; }
}
