using static TorchSharp.torch;

namespace Orca.Training.Practice;

// P own tokens, k likeliest tokens of each.

/// <summary>
/// What the student would say at each of its own tokens with the expert's explanation before it: its likeliest tokens, and the rest as one.
/// Owned by the trainer's thread.
/// </summary>
/// <param name="Tokens_Pk">[P, k] int64: the likeliest tokens.</param>
/// <param name="Logarithms_Pk">[P, k] float32: logarithms of their probabilities.</param>
/// <param name="RestLogarithms_P">[P] float32: logarithm of the probability of all others together; null where there are no others.</param>
public sealed record HintedScores(Tensor Tokens_Pk, Tensor Logarithms_Pk, Tensor? RestLogarithms_P) : IDisposable
{
    /// <summary>Some of them, in the caller's scope.</summary>
    public HintedScores Part(long from, long count) => new(
        Tokens_Pk.narrow(0, from, count), Logarithms_Pk.narrow(0, from, count), RestLogarithms_P?.narrow(0, from, count));

    /// <inheritdoc/>
    public void Dispose()
    {
        Tokens_Pk.Dispose();
        Logarithms_Pk.Dispose();
        RestLogarithms_P?.Dispose();
    }
}
