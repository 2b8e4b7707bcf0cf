using Orca.Model.Native;
using Orca.Model.Network;
using Orca.Training.Loss;
using Orca.Training.Parameters;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Practice;

// P own tokens, E hidden size, V vocabulary, C positions of a chunk, k likeliest tokens.

/// <summary>
/// How far the student without the explanation is from itself with it, at each of its own tokens: the Kullback-Leibler divergence of what
/// it says from what it would say, over the likeliest tokens of the latter and all others as one. What it would say has no gradient.
/// </summary>
/// <param name="parameters">Whose gradients of the head's weights are gathered.</param>
/// <param name="options">Its weight in the step's loss.</param>
/// <param name="mostLogits">As for <see cref="ChunkedLoss"/>.</param>
public sealed class PracticeLoss(
    StudentParameters parameters, PracticeOptions options, long mostLogits = ChunkedLoss.DefaultMostLogits)
{
    /// <summary>A micro-batch's share of the loss of practice; adds its gradient in the head's weights to the leaf's gradient.</summary>
    /// <param name="model">The network.</param>
    /// <param name="hidden_PE">[P, E]: the hidden states that predict the own tokens.</param>
    /// <param name="places">Their weights.</param>
    /// <param name="scores">What the student would say.</param>
    /// <param name="stepWeight">Sum of the weights of practice of all micro-batches of the step, above 0.</param>
    /// <returns>
    /// The share, in nats a token, and the slope of the step's whole loss in the hidden states, [P, E], in the caller's scope: the share's,
    /// times the weight of practice.
    /// </returns>
    public (double Share, Tensor Slope_PE) SlopeOf(
        LlamaModel model, Tensor hidden_PE, TargetTensors places, HintedScores scores, double stepWeight)
    {
        var slope_PE = empty_like(hidden_PE).detach();
        var positions = Math.Max(1, mostLogits / model.Config.VocabularySize);
        var share = 0.0;
        for (var from = 0L; from < hidden_PE.shape[0]; from += positions)
        {
            using var scope = NewDisposeScope();
            var count = Math.Min(positions, hidden_PE.shape[0] - from);
            var hidden_CE = hidden_PE.narrow(0, from, count).detach().requires_grad_();
            var divergences_C = Divergences(model.Logits(hidden_CE), scores.Part(from, count));
            var part = divergences_C.to_type(ScalarType.Float64)
                .dot(places.Weights_N.narrow(0, from, count).to_type(ScalarType.Float64)).Over(stepWeight);
            part.Times(options.Weight).backward();
            parameters.GatherGradients(LlamaParameters.HeadNameOf(model.Config));
            share += part.item<double>();
            using var guard = no_grad();
            slope_PE.narrow(0, from, count).copy_(hidden_CE.grad!);
        }

        return (share, slope_PE);
    }

    /// <summary>The divergence at each position, from logits on, in the caller's scope.</summary>
    /// <param name="logits_CV">[C, V], any type; the softmax is taken in float32, or in float64 where they are.</param>
    /// <param name="scores">C of them.</param>
    /// <returns>[C], 0 or more but for rounding, in nats.</returns>
    public static Tensor Divergences(Tensor logits_CV, HintedScores scores)
    {
        var exact_CV = logits_CV.element_size() < 4 ? logits_CV.to_type(ScalarType.Float32) : logits_CV;
        var logarithms_CV = nn.functional.log_softmax(exact_CV, 1);
        var likeliest_C = Part(scores.Logarithms_Pk, logarithms_CV.gather(1, scores.Tokens_Pk)).sum(1);
        return scores.RestLogarithms_P is { } rest_C
            ? likeliest_C.Plus(Part(rest_C, HintedPass.RestOf(logarithms_CV, scores.Tokens_Pk)))
            : likeliest_C;
    }

    // q · (log q - log p).
    private static Tensor Part(Tensor wanted, Tensor found) => wanted.exp().mul(wanted.Plus(found, -1));
}
