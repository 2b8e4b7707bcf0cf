using Orca.Serving.Requests;
using Orca.Serving.Sampling.Json;

namespace Orca.Serving.Sampling;

/// <summary>Which tokens may come next in one answer. Has a state: one for each sample.</summary>
internal interface ITokenConstraint
{
    /// <summary>Whether the answer is complete, and only an end token may follow.</summary>
    bool IsComplete { get; }

    /// <summary>
    /// Whether it is known which tokens may come next. Where it is not, it is worked out by the worker: ask again when that is done.
    /// </summary>
    bool Prepare(MaskWorker worker);

    /// <summary>Sets the logits of all tokens that may not come next to minus infinity. One is always left.</summary>
    /// <param name="logits_V">One for each token of the vocabulary.</param>
    /// <exception cref="GenerationException">No token may come next.</exception>
    void Mask(Span<float> logits_V);

    /// <summary>Takes the token that came.</summary>
    void Accept(int token);
}
