using Orca.Model.Native;
using Orca.Model.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Model.Products;

// N rows (tokens), I inputs, O outputs of one projection.

/// <summary>
/// Projections of one input by panels: y = x·wᵀ with x packed once for all, dx = Σ dy·w, and dw += dyᵀ·x with x packed once again.
/// </summary>
internal sealed unsafe class PanelLinears : ILinears
{
    private readonly PanelOperators operators;
    private readonly IReadOnlyList<LinearWeights> weights;
    private readonly Kept[]? kept;
    private readonly object[] arguments;

    /// <param name="operators">Whose threads and memory are used.</param>
    /// <param name="weights">fp32, contiguous, borrowed.</param>
    /// <param name="isReused">Whether packed weights are kept until they change.</param>
    public PanelLinears(PanelOperators operators, IReadOnlyList<LinearWeights> weights, bool isReused)
    {
        (this.operators, this.weights) = (operators, weights);
        operators.Reserve(weights.Count);
        kept = isReused ? [.. weights.Select(_ => new Kept(operators))] : null;
        arguments = [this, .. weights.Select(one => one.Weight_OI), .. weights.Select(one => one.Bias_O).OfType<Tensor>()];
    }

    /// <inheritdoc/>
    public IReadOnlyList<Tensor> Forward(Tensor x) =>
        is_grad_enabled() ? LinearsFunction.apply([x, .. arguments]) : Multiply(x);

    /// <summary>Inputs of <see cref="LinearsFunction"/>.</summary>
    private int InputCount => arguments.Length + 1;

    private List<Tensor> Multiply(Tensor x)
    {
        using var rows_NI = x.contiguous();
        var inputs = (int)x.shape[^1];
        var rows = (int)(x.numel() / inputs);
        var outputs = weights.Select(one => empty([.. x.shape[..^1], one.Weight_OI.shape[0]], ScalarType.Float32)).ToList();
        var left = new Operand(Data.Of(rows_NI), rows, inputs, isInnermost: true);
        var columns = outputs.Select((output, i) => Columns(output, i)).ToArray();
        operators.Products.Multiply(left, columns);
        return outputs;
    }

    private ProductColumns Columns(Tensor output, int index) =>
        ForwardPanels(index).Into(Data.Of(output), adds: false, BiasOf(index));

    private float* BiasOf(int index) => weights[index].Bias_O is { } bias_O ? Data.Of(bias_O) : null;

    private PanelBuffer ForwardPanels(int index)
    {
        var weight_OI = weights[index].Weight_OI;
        var columns = new Operand(Data.Of(weight_OI), (int)weight_OI.shape[0], (int)weight_OI.shape[1], isInnermost: true);
        return Packed(kept?[index].Forward, operators.WeightPanels[index], columns);
    }

    private PanelBuffer BackwardPanels(int index)
    {
        var weight_OI = weights[index].Weight_OI;
        var columns = new Operand(Data.Of(weight_OI), (int)weight_OI.shape[1], (int)weight_OI.shape[0], isInnermost: false);
        return Packed(kept?[index].Backward, operators.WeightPanels[index], columns);
    }

    private PanelBuffer Packed(KeptPanels? kept, PanelBuffer shared, in Operand columns)
    {
        var panels = kept?.Panels ?? shared;
        if (kept is null || kept.Version != operators.WeightsVersion)
        {
            operators.Products.Pack(panels, columns);
        }

        kept?.Version = operators.WeightsVersion;
        return panels;
    }

    private List<Tensor?> Backward(Tensor x, IReadOnlyList<Tensor> slopes)
    {
        if (is_grad_enabled())
        {
            return DifferentiableBackward(x, slopes);
        }

        var inputs = (int)x.shape[^1];
        var rows = (int)(x.numel() / inputs);
        using var rows_NI = x.contiguous();
        var slope_NI = x.requires_grad ? empty(x.shape, ScalarType.Float32) : null;
        if (weights.Any(one => one.Weight_OI.requires_grad))
        {
            operators.Products.Pack(operators.InputPanels, new Operand(Data.Of(rows_NI), inputs, rows, isInnermost: false));
        }

        var gradients = new List<Tensor?> { slope_NI, null };
        var biases = new List<Tensor?>();
        for (var i = 0; i < weights.Count; i++)
        {
            using var slope_NO = slopes[i].contiguous();
            var outputs = (int)slope_NO.shape[^1];
            if (slope_NI is not null)
            {
                operators.Products.Multiply(
                    new Operand(Data.Of(slope_NO), rows, outputs, isInnermost: true),
                    [BackwardPanels(i).Into(Data.Of(slope_NI), adds: i > 0)]);
            }

            gradients.Add(AddWeightGradient(weights[i].Weight_OI, new Operand(Data.Of(slope_NO), outputs, rows, isInnermost: false)));
            if (weights[i].Bias_O is { } bias_O)
            {
                biases.Add(AddBiasGradient(bias_O, slope_NO));
            }
        }

        return [.. gradients, .. biases];
    }

    /// <summary>Adds to the weight's gradient; where it has none yet, gives it to autograd.</summary>
    private Tensor? AddWeightGradient(Tensor weight_OI, in Operand slopes)
    {
        if (!weight_OI.requires_grad)
        {
            return null;
        }

        using var gathered_OI = weight_OI.grad;
        var gradient_OI = gathered_OI is null ? empty(weight_OI.shape, ScalarType.Float32) : null;
        operators.Products.Multiply(
            slopes, [operators.InputPanels.Into(Data.Of(gradient_OI ?? gathered_OI!), adds: gradient_OI is null)]);
        return gradient_OI;
    }

    private static Tensor? AddBiasGradient(Tensor bias_O, Tensor slope_NO)
    {
        if (!bias_O.requires_grad)
        {
            return null;
        }

        using var flat_NO = slope_NO.flatten(0, -2);
        var sum_O = flat_NO.sum([0]);
        using var gathered_O = bias_O.grad;
        if (gathered_O is null)
        {
            return sum_O;
        }

        gathered_O.Plus_(sum_O);
        sum_O.Dispose();
        return null;
    }

    private List<Tensor?> DifferentiableBackward(Tensor x, IReadOnlyList<Tensor> slopes)
    {
        var flat_NI = x.reshape(-1, x.shape[^1]);
        var flat = slopes.Select(slope => slope.reshape(-1, slope.shape[^1])).ToArray();
        var slope_NI = flat.Select((slope_NO, i) => slope_NO.matmul(weights[i].Weight_OI)).Aggregate(TensorNumbers.Plus);
        return
        [
            slope_NI.view(x.shape),
            null,
            .. flat.Select(slope_NO => slope_NO.t().matmul(flat_NI)),
            .. flat.Where((_, i) => weights[i].Bias_O is not null).Select(slope_NO => slope_NO.sum([0])),
        ];
    }

    private sealed record Kept(PanelOperators Operators)
    {
        public KeptPanels Forward { get; } = new(Operators);

        public KeptPanels Backward { get; } = new(Operators);
    }

    /// <summary>Panels of a weight, and of which version of it.</summary>
    private sealed class KeptPanels
    {
        public KeptPanels(PanelOperators operators) => operators.KeptPanels.Add(Panels);

        public PanelBuffer Panels { get; } = new();

        public long? Version { get; set; }
    }

    private sealed class LinearsFunction : autograd.MultiTensorFunction<LinearsFunction>
    {
        public override string Name => "panel linears";

        public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var x = (Tensor)vars[0];
            ctx.save_for_backward([x]);
            ctx.save_data(PanelOperators.Owner, vars[1]);
            return ((PanelLinears)vars[1]).Multiply(x);
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> grad_outputs)
        {
            var owner = (PanelLinears)ctx.get_data(PanelOperators.Owner);
            return owner.operators.Guarded(
                owner.InputCount, ctx, grad_outputs, (saved, slopes) => owner.Backward(saved[0], slopes))!;
        }
    }
}
