namespace Orca.Training.Activations;

/// <summary>What of a forward pass is computed again when the backward pass needs it, instead of being kept.</summary>
public enum Recompute
{
    /// <summary>Nothing: fastest, and every layer keeps about thirty values a token and hidden dimension.</summary>
    None,

    /// <summary>The feed-forward half of each layer, which keeps two thirds of them: a fifth more work.</summary>
    Selective,

    /// <summary>Each layer whole: its input alone is kept. A third more work.</summary>
    Full,
}
