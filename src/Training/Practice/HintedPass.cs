using Orca.Model.Native;
using Orca.Model.Network;
using Orca.Training.Loss;
using Orca.Training.Packing;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Practice;

// P own tokens of a micro-batch, E hidden size, V vocabulary, C positions of a chunk, k likeliest tokens.

/// <summary>
/// Scores the student's own tokens by the same weights with the expert's explanation in the prompt. It keeps nothing for a backward pass;
/// run it before the pass that does.
/// </summary>
/// <param name="topTokens">How many of the likeliest tokens are kept.</param>
/// <param name="mostLogits">Logits that exist at once, as in <see cref="ChunkedLoss"/>.</param>
public sealed class HintedPass(int topTokens, long mostLogits = ChunkedLoss.DefaultMostLogits)
{
    /// <summary>The scores of a micro-batch, for the caller to dispose.</summary>
    /// <param name="model">The network.</param>
    /// <param name="batch">The micro-batch, with lessons of practice.</param>
    /// <returns>In the order of <see cref="PackedBatch.PracticeTargets"/>.</returns>
    public HintedScores Of(LlamaModel model, PackedBatch batch)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var parts = batch.Hints.SelectMany(hints => Scored(model, hints.Rows)).ToList();
        var order_P = tensor(OrderOf(batch), device: model.Device);
        var hasRest = parts[0].RestLogarithms_P is not null;
        return new HintedScores(
            Joined(part => part.Tokens_Pk), Joined(part => part.Logarithms_Pk), hasRest ? Joined(part => part.RestLogarithms_P!) : null);

        Tensor Joined(Func<HintedScores, Tensor> of) => cat([.. parts.Select(of)]).index_select(0, order_P).DetachFromDisposeScope();
    }

    private List<HintedScores> Scored(LlamaModel model, PackedBatch rows)
    {
        using var scope = NewDisposeScope();
        using var tensors = new BatchTensors(rows, model.Device);
        using var attention = model.Attention(tensors.Segments_BT);
        var hidden_BTE = model.Hidden(tensors.Tokens_BT, tensors.Positions_BT, attention);
        var hidden_PE = hidden_BTE.flatten(0, 1).index_select(0, tensors.Targets!.Predictors_N);
        var positions = Math.Max(1, mostLogits / model.Config.VocabularySize);
        var found = new List<HintedScores>();
        for (var from = 0L; from < hidden_PE.shape[0]; from += positions)
        {
            found.Add(Likeliest(model, hidden_PE.narrow(0, from, Math.Min(positions, hidden_PE.shape[0] - from))));
        }

        return found;
    }

    // In the scope outside of the caller's.
    private HintedScores Likeliest(LlamaModel model, Tensor hidden_CE)
    {
        using var scope = NewDisposeScope();
        var logarithms_CV = nn.functional.log_softmax(model.Logits(hidden_CE).to_type(ScalarType.Float32), 1);
        var count = (int)Math.Min(topTokens, logarithms_CV.shape[1]);
        var (logarithms_Ck, tokens_Ck) = logarithms_CV.topk(count, 1);
        var rest_C = count == logarithms_CV.shape[1] ? null : RestOf(logarithms_CV, tokens_Ck);
        return new HintedScores(Out(tokens_Ck), Out(logarithms_Ck), rest_C is null ? null : Out(rest_C));

        static Tensor Out(Tensor values) => values.MoveToOuterDisposeScope().MoveToOuterDisposeScope();
    }

    /// <summary>[C]: logarithm of the probability of all tokens but some; in the caller's scope.</summary>
    /// <param name="logarithms_CV">[C, V]: logarithms of the probabilities of all.</param>
    /// <param name="tokens_Ck">[C, k]: those that are left out.</param>
    internal static Tensor RestOf(Tensor logarithms_CV, Tensor tokens_Ck)
    {
        var none_Ck = empty(tokens_Ck.shape, logarithms_CV.dtype, logarithms_CV.device).Filled_(double.NegativeInfinity);
        return logarithms_CV.scatter(1, tokens_Ck, none_Ck).logsumexp(1);
    }

    // Of each own token of the micro-batch, in order, its place among those of the hinted rows.
    private static long[] OrderOf(PackedBatch batch)
    {
        var places = new Dictionary<int, long>();
        var at = 0L;
        foreach (var lesson in batch.Hints.SelectMany(hints => hints.Lessons))
        {
            places.Add(lesson, at);
            at += batch.Packed[lesson].AnswerTokens.Length;
        }

        return
        [
            .. batch.Packed.SelectMany((lesson, index) => lesson.IsPractice
                ? lesson.AnswerTokens.Select((_, token) => places[index] + token)
                : []),
        ];
    }
}
