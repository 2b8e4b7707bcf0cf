using Orca.Model.Native;
using Orca.Model.Network;
using Orca.Model.Products;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Model.Tests.Products;

// N rows, I inputs, O outputs.
public sealed class PanelOperatorsTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    // Of its own: other tests draw from libtorch's at the same time, and a relative error is none where a value happens to be all but zero.
    private readonly Generator generator = new(7);
    private long version;

    public PanelOperatorsTests() => Assert.SkipUnless(PanelOperators.CanRun(bfloat16: false), "this processor has no AVX-512");

    public static TheoryData<int, int, int, bool> Sizes => new()
    {
        { 1, 1, 1, false }, { 1, 64, 96, true }, { 2, 33, 7, true }, { 13, 128, 128, false }, { 61, 100, 130, true },
        { 256, 288, 768, false }, { 300, 768, 288, true }, { 2_048, 96, 64, false }, { 31, 64, 3_000, false },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Outputs_and_all_gradients_are_those_of_products_in_double(int rows, int inputs, int outputs, bool hasBias)
    {
        using var operators = PanelOperators.Create(bfloat16: false, threads: 2, () => version);
        var (x, weights) = (Leaf(rows, inputs), Weights(outputs, inputs, hasBias));
        var slope = Normal(rows, outputs);
        var y = operators.Linears([weights]).Forward(x)[0];
        y.backward([slope]);
        operators.ThrowFault();

        var (wideX, wideWeights) = (Wide(x), Wide(weights));
        var wideY = new DenseLinears([wideWeights]).Forward(wideX)[0];
        wideY.backward([slope.to_type(ScalarType.Float64)]);
        AssertNear(wideY, y);
        AssertNear(wideX.grad!, x.grad!);
        AssertNear(wideWeights.Weight_OI.grad!, weights.Weight_OI.grad!);
        if (hasBias)
        {
            AssertNear(wideWeights.Bias_O!.grad!, weights.Bias_O!.grad!);
        }
    }

    [Fact]
    public void Projections_of_one_input_add_up_in_its_gradient()
    {
        using var operators = PanelOperators.Create(bfloat16: false, threads: 1, () => version);
        LinearWeights[] weights = [Weights(64, 96, hasBias: true), Weights(32, 96, hasBias: false), Weights(40, 96, hasBias: true)];
        var x = Leaf(50, 96);
        Sum(operators.Linears(weights).Forward(x.view(2, 25, 96))).backward();
        operators.ThrowFault();

        var (wideX, wideWeights) = (Wide(x), weights.Select(Wide).ToArray());
        Sum(new DenseLinears(wideWeights).Forward(wideX.view(2, 25, 96))).backward();
        AssertNear(wideX.grad!, x.grad!);
        for (var i = 0; i < weights.Length; i++)
        {
            AssertNear(wideWeights[i].Weight_OI.grad!, weights[i].Weight_OI.grad!);
        }
    }

    [Fact]
    public void Gradients_of_several_passes_add_up_where_the_weight_has_them()
    {
        using var operators = PanelOperators.Create(bfloat16: false, threads: 2, () => version);
        var (x, weights) = (Leaf(40, 64), Weights(70, 64, hasBias: true));
        var gathered = zeros(70, 64);
        weights.Weight_OI.grad = gathered;
        var linears = operators.Linears([weights], isReused: true);
        Sum(linears.Forward(x)).backward();
        var once = gathered.clone();
        Sum(linears.Forward(x)).backward();
        operators.ThrowFault();
        AssertNear(once.to_type(ScalarType.Float64) + once, gathered);
        AssertNear(once.to_type(ScalarType.Float64) + once, weights.Weight_OI.grad!);
    }

    [Fact]
    public void Weights_that_are_kept_packed_are_packed_again_when_they_have_changed()
    {
        using var operators = PanelOperators.Create(bfloat16: false, threads: 1, () => version);
        var (x, weights) = (Leaf(9, 64), Weights(32, 64, hasBias: false));
        var linears = operators.Linears([weights], isReused: true);
        using var guard = no_grad();
        var before = linears.Forward(x)[0];
        weights.Weight_OI.Times_(3);
        version++;
        AssertNear(before.to_type(ScalarType.Float64).Times_(3), linears.Forward(x)[0]);
    }

    [Fact]
    public void A_gradient_of_a_gradient_is_that_of_libtorch()
    {
        using var operators = PanelOperators.Create(bfloat16: false, threads: 1, () => version);
        var (x, weights) = (Leaf(10, 32), Weights(20, 32, hasBias: true));
        var (wideX, wideWeights) = (Wide(x), Wide(weights));
        AssertNear(PenaltyOf(new DenseLinears([wideWeights]), wideX, wideWeights), PenaltyOf(operators.Linears([weights]), x, weights));
        operators.ThrowFault();

        static Tensor PenaltyOf(ILinears linears, Tensor x, LinearWeights weights)
        {
            var slope = autograd.grad([Sum(linears.Forward(x))], [x], retain_graph: true, create_graph: true)[0];
            return autograd.grad([slope.pow(2).sum()], [weights.Weight_OI])[0];
        }
    }

    [Fact]
    public void Products_in_bf16_are_those_of_the_rounded_operands()
    {
        Assert.SkipUnless(PanelOperators.CanRun(bfloat16: true), "this processor has no fast products in bf16");
        using var operators = PanelOperators.Create(bfloat16: true, threads: 2, () => version);
        var (x, weights) = (Leaf(130, 96), Weights(72, 96, hasBias: false));
        var slope = Normal(130, 72);
        operators.Linears([weights]).Forward(x)[0].backward([slope]);
        operators.ThrowFault();

        AssertNear(Rounded(slope).matmul(Rounded(weights.Weight_OI)), x.grad!, 1e-5);
        AssertNear(Rounded(slope).t().matmul(Rounded(x)), weights.Weight_OI.grad!, 1e-5);

        static Tensor Rounded(Tensor x) => x.detach().to_type(ScalarType.BFloat16).to_type(ScalarType.Float64);
    }

    // Never a few values alone, whose slope may happen to be all but zero: a share of that is no measure.
    [Theory]
    [InlineData(19, 1)]
    [InlineData(1, 19)]
    [InlineData(7, 33)]
    [InlineData(300, 128)]
    public void A_gated_silu_and_its_gradients_are_those_in_double(int rows, int width) => Differ(
        [[rows, width], [rows, width]],
        (operators, x) => operators.GatedSilu(x[0], x[1]));

    [Theory]
    [InlineData(1, 19)]
    [InlineData(65, 40)]
    [InlineData(200, 128)]
    public void A_norm_and_its_gradients_are_those_in_double(int rows, int width) => Differ(
        [[rows, width], [width]],
        (operators, x) => operators.Norm(x[0], x[1], 1e-5));

    [Theory]
    [InlineData(1, 9, 1, 2)]
    [InlineData(2, 37, 3, 10)]
    [InlineData(1, 40, 4, 32)]
    public void A_turn_of_heads_and_its_gradient_are_those_in_double(int batch, int tokens, int heads, int dim)
    {
        var half = Normal(batch, tokens, 1, dim / 2);
        var (cosine, sine) = (cat([half.cos(), half.cos()], -1), cat([half.sin().neg(), half.sin()], -1));
        Differ(
            [[batch, tokens, heads, dim]],
            (operators, x) => operators.Turn(x[0], cosine.to_type(x[0].dtype), sine.to_type(x[0].dtype)));
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(9, 61)]
    [InlineData(30, 4_096)]
    public void A_cross_entropy_and_its_gradient_are_those_in_double(int rows, int vocabulary)
    {
        using var operators = PanelOperators.Create(bfloat16: false, threads: 2, () => version);
        var (logits, weights) = (Normal(rows, vocabulary).Times_(5).requires_grad_(), Normal(rows).abs());
        var tokens = randint(0, vocabulary, rows, generator: generator);
        var wide = Wide(logits);
        var expected = (nn.functional.cross_entropy(wide, tokens, reduction: nn.Reduction.None) * weights).sum().Over(7);
        expected.backward();

        // A copy, since logits are overwritten.
        var loss = operators.CrossEntropy(logits.clone(), tokens, weights, 7);
        loss.backward();
        operators.ThrowFault();
        AssertNear(expected, loss);
        AssertNear(wide.grad!, logits.grad!);
    }

    [Fact]
    public void Products_of_pairs_of_matrices_are_those_in_double()
    {
        using var operators = PanelOperators.Create(bfloat16: false, threads: 2, () => version);
        var (left, right) = (Normal(3, 40, 70), Normal(3, 70, 33));
        var expected = left.to_type(ScalarType.Float64).bmm(right.to_type(ScalarType.Float64));
        AssertNear(expected, operators.BatchedProduct(left, right));
        AssertNear(expected, operators.BatchedProduct(left, right.transpose(1, 2).contiguous(), isTransposed: true));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(100)]
    [InlineData(128)]
    [InlineData(300)]
    public void Of_a_product_that_equals_its_transpose_half_is_computed_and_the_whole_is_given(int size)
    {
        using var operators = PanelOperators.Create(bfloat16: false, threads: 2, () => version);
        var left = Normal(2, size, 70);

        var gram = operators.BatchedProduct(left, left, isTransposed: true, isSymmetric: true);
        var squared = operators.BatchedProduct(gram, gram, isSymmetric: true);

        var expected = Wide(left).matmul(Wide(left).transpose(1, 2));
        AssertNear(expected, gram);
        AssertNear(expected.matmul(expected), squared);
        AssertNear(expected.matmul(expected), operators.BatchedProduct(gram, gram, isSymmetric: true, isLeftSymmetric: true));
        Assert.Equal(0, gram.sub(gram.transpose(1, 2)).abs().max().item<float>());
    }

    [Theory]
    [InlineData(7, true)]
    [InlineData(288, true)]
    [InlineData(600, false)]
    public void Slopes_of_looked_up_rows_are_added_to_the_gradient_that_the_embedding_has(int width, bool hasGradient)
    {
        using var operators = PanelOperators.Create(bfloat16: false, threads: 3, () => version);
        var (weight, wide) = (Leaf(50, width), Leaf(50, width).detach().to_type(ScalarType.Float64).requires_grad_());
        var gathered = hasGradient ? Normal(50, width) : null;
        weight.grad = gathered;
        var expected = gathered?.to_type(ScalarType.Float64);
        var tokens = tensor(new long[] { 3, 49, 3, 3, 0, 17 }).view(2, 3);
        var slope = Normal(2, 3, width);

        operators.Embed(weight, tokens).backward([slope]);
        operators.ThrowFault();

        wide.index_select(0, tokens.flatten()).view(2, 3, width).backward([slope.to_type(ScalarType.Float64)]);
        AssertNear(expected is null ? wide.grad! : expected + wide.grad!, weight.grad!);
        if (gathered is not null)
        {
            Assert.Equal(gathered.data<float>().ToArray(), weight.grad!.data<float>().ToArray());
        }
    }

    [Fact]
    public void What_fails_in_a_backward_pass_is_thrown_after_it()
    {
        using var operators = PanelOperators.Create(bfloat16: false, threads: 1, () => version);
        var logits = Normal(3, 8).requires_grad_();
        var loss = operators.CrossEntropy(logits.clone(), zeros(3, ScalarType.Int64), ones(3), 3);
        _ = autograd.grad([loss], [logits], create_graph: true, allow_unused: true);
        Assert.Throws<NotSupportedException>(operators.ThrowFault);
    }

    [Fact]
    public void Nothing_is_left_behind_by_a_pass_but_what_the_caller_owns()
    {
        using var operators = PanelOperators.Create(bfloat16: false, threads: 1, () => version);
        var (x, weights) = (Leaf(40, 64), Weights(64, 64, hasBias: false));
        weights.Weight_OI.grad = zeros(64, 64);
        var linears = operators.Linears([weights]);
        Pass();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (var i = 0; i < 10; i++)
        {
            Pass();
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);

        void Pass()
        {
            using var passScope = NewDisposeScope();
            Sum(linears.Forward(x)).backward();
            operators.ThrowFault();
        }
    }

    public void Dispose()
    {
        scope.Dispose();
        generator.Dispose();
    }

    /// <summary>Compares outputs, gradients and gradients of gradients with libtorch's in double.</summary>
    private void Differ(long[][] shapes, Func<INetworkOperators, Tensor[], Tensor> compute)
    {
        using var operators = PanelOperators.Create(bfloat16: false, threads: 2, () => version);
        var inputs = shapes.Select(shape => Leaf(shape)).ToArray();
        var wideInputs = inputs.Select(Wide).ToArray();
        var (output, wideOutput) = (compute(operators, inputs), compute(new TorchOperators(), wideInputs));
        AssertNear(wideOutput, output);
        foreach (var (expected, actual) in Slopes(wideOutput, wideInputs).Zip(Slopes(output, inputs)))
        {
            AssertNear(expected, actual);
        }

        foreach (var (expected, actual) in Curvatures(wideOutput, wideInputs).Zip(Curvatures(output, inputs)))
        {
            AssertNear(expected, actual, 1e-5);
        }

        operators.ThrowFault();

        static IList<Tensor> Slopes(Tensor output, Tensor[] inputs) =>
            autograd.grad([output.mul(output).sum()], inputs, retain_graph: true);

        static IList<Tensor> Curvatures(Tensor output, Tensor[] inputs)
        {
            var slope = autograd.grad([output.mul(output).sum()], inputs, retain_graph: true, create_graph: true)[0];
            return autograd.grad([slope.mul(slope).sum()], inputs);
        }
    }

    private static Tensor Sum(IReadOnlyList<Tensor> outputs) => outputs.Select(y => y.pow(2).sum()).Aggregate((a, b) => a.Plus(b));

    private Tensor Leaf(params long[] shape) => Normal(shape).requires_grad_();

    private Tensor Normal(params long[] shape) => randn(shape, generator: generator);

    private LinearWeights Weights(int outputs, int inputs, bool hasBias) =>
        new(Leaf(outputs, inputs), hasBias ? Leaf(outputs) : null);

    private static Tensor Wide(Tensor x) => x.detach().to_type(ScalarType.Float64).requires_grad_();

    private static LinearWeights Wide(LinearWeights weights) =>
        new(Wide(weights.Weight_OI), weights.Bias_O is null ? null : Wide(weights.Bias_O));

    private static void AssertNear(Tensor expected, Tensor actual, double share = 1e-6)
    {
        var wide = expected.detach();
        Assert.Equal(wide.shape, actual.shape);
        var distance = (actual.detach().to_type(ScalarType.Float64) - wide).norm().item<double>();
        Assert.True(distance <= share * wide.norm().item<double>(), $"{distance / wide.norm().item<double>()}");
    }
}
