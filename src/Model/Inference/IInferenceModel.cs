using Orca.Model.Network;

namespace Orca.Model.Inference;

// R rows of logits asked for in a step, V vocabulary.

/// <summary>
/// A student ready to answer on one device: it runs the tokens of many sequences in one step, over keys and values kept in
/// blocks. Not differentiable. Owned by one thread.
/// </summary>
public interface IInferenceModel : IDisposable
{
    /// <summary>The model's shape.</summary>
    LlamaConfig Config { get; }

    /// <summary>Bytes of the weights in memory, mapped ones included.</summary>
    long WeightBytes { get; }

    /// <summary>Bytes of weights that a step of one token reads: all but the embedding's other rows.</summary>
    long StepBytes { get; }

    /// <summary>Bytes that the keys and values of one token take in a store of this model.</summary>
    long CacheBytesPerToken { get; }

    /// <summary>
    /// Whether a token's logits are the same to the bit whatever else the step computes, and in whichever steps what came
    /// before was computed.
    /// </summary>
    bool IsBatchInvariant => false;

    /// <summary>
    /// Tokens of a block that suits this model best; one that needs its sequences in one piece says <paramref name="contextTokens"/>.
    /// </summary>
    /// <param name="contextTokens">Tokens of a sequence at most.</param>
    int BlockTokens(int contextTokens);

    /// <summary>Makes a store for keys and values, which every model of the same kind and shape can share.</summary>
    /// <param name="blocks">Blocks in all.</param>
    /// <param name="blockTokens">Tokens of a block, from <see cref="BlockTokens"/>.</param>
    IKeyValueStore CreateStore(int blocks, int blockTokens);

    /// <summary>Whether a store made by another model fits this one: same shape, same numbers, same device.</summary>
    bool CanUse(IKeyValueStore store);

    /// <summary>
    /// Runs one step: writes the keys and values of every row's tokens into its blocks and computes the logits asked for.
    /// Each token attends to all of its row's sequence up to itself.
    /// </summary>
    /// <param name="store">Where keys and values lie.</param>
    /// <param name="rows">At least one; each of another sequence.</param>
    /// <param name="logits_RV">Filled with [R, V] fp32, in the order of rows and of tokens within a row.</param>
    void Run(IKeyValueStore store, ReadOnlySpan<InferenceRow> rows, Span<float> logits_RV);
}

/// <summary>One sequence's share of a step.</summary>
/// <param name="Tokens">Its tokens in this step, at least one.</param>
/// <param name="Start">Position of the first of them; everything before it is in the blocks.</param>
/// <param name="Blocks">
/// The sequence's blocks in order; they hold at least <c>Start + Tokens.Length</c> tokens. Those it writes to are its own.
/// </param>
/// <param name="Logits">Which of the tokens give logits.</param>
public readonly record struct InferenceRow(ReadOnlyMemory<int> Tokens, int Start, ReadOnlyMemory<int> Blocks, LogitRows Logits)
{
    /// <summary>Rows of logits it asks for.</summary>
    public int LogitCount => Logits switch { LogitRows.All => Tokens.Length, LogitRows.Last => 1, _ => 0 };
}

/// <summary>Which tokens of a row give logits.</summary>
public enum LogitRows
{
    /// <summary>None: more of the prompt follows.</summary>
    None,

    /// <summary>The last one: the next token is drawn.</summary>
    Last,

    /// <summary>Every one: the prompt is scored.</summary>
    All,
}
