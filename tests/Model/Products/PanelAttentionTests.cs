using System.Diagnostics;
using Orca.Model.Network;
using Orca.Model.Products;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Model.Tests.Products;

// B batch, T tokens, H heads, K key/value heads, D head dimension.

/// <summary>Attention over packed documents by the panels' kernels is attention written out in double.</summary>
public sealed class PanelAttentionTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly ITestOutputHelper output;

    public PanelAttentionTests(ITestOutputHelper output)
    {
        this.output = output;
        Assert.SkipUnless(PanelOperators.CanRun(bfloat16: false), "this processor has no AVX-512");
    }

    public static TheoryData<int[], int, int, int, int?> Shapes => new()
    {
        { [1], 1, 1, 8, null }, { [5, 3, 8], 2, 1, 16, null }, { [64, 64], 4, 4, 32, null }, { [65, 63], 4, 2, 48, null },
        { [200, 31, 25], 6, 2, 64, null }, { [130, 1, 97], 3, 3, 128, null }, { [256], 2, 2, 40, null }, { [333, 179], 4, 1, 24, null },
        { [200, 31, 25], 4, 2, 32, 16 }, { [256], 2, 1, 64, 100 }, { [70, 186], 2, 2, 16, 1 }, { [128, 128], 2, 2, 32, 500 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Outputs_and_all_gradients_are_those_of_attention_in_double(int[] documents, int heads, int keyHeads, int dim, int? window)
    {
        using var operators = PanelOperators.Create(bfloat16: false, threads: 2, () => 0);
        var segments_BT = Segments(documents);
        var inputs = Inputs(documents.Sum(), heads, keyHeads, dim);
        using var attention = operators.Attention(segments_BT);

        var found = attention.Attend(0, inputs[0], inputs[1], inputs[2], window);
        var slope = randn(found.shape);
        found.backward([slope]);
        operators.ThrowFault();

        var wide = inputs.Select(input => input.detach().to_type(ScalarType.Float64).requires_grad_()).ToArray();
        var expected = InDouble(segments_BT, wide, window);
        expected.backward([slope.to_type(ScalarType.Float64)]);
        AssertNear(expected, found, 1e-6);
        foreach (var (wideInput, input) in wide.Zip(inputs))
        {
            AssertNear(wideInput.grad!, input.grad!, 2e-6);
        }
    }

    [Fact]
    public void In_bf16_products_round_what_they_multiply_and_no_more()
    {
        Assert.SkipUnless(PanelOperators.CanRun(bfloat16: true), "this processor computes bf16 no faster than fp32");
        using var operators = PanelOperators.Create(bfloat16: true, threads: 2, () => 0);
        var segments_BT = Segments([150, 90, 16]);
        var inputs = Inputs(256, 4, 2, 64);
        using var attention = operators.Attention(segments_BT);
        var found = attention.Attend(0, inputs[0], inputs[1], inputs[2]);
        var slope = randn(found.shape);
        found.backward([slope]);
        operators.ThrowFault();

        var wide = inputs.Select(input => input.detach().to_type(ScalarType.Float64).requires_grad_()).ToArray();
        var expected = InDouble(segments_BT, wide, null);
        expected.backward([slope.to_type(ScalarType.Float64)]);
        AssertNear(expected, found, 5e-3);
        foreach (var (wideInput, input) in wide.Zip(inputs))
        {
            AssertNear(wideInput.grad!, input.grad!, 1e-2);
        }
    }

    [Fact]
    public void It_is_equal_to_the_bit_for_any_number_of_threads_and_whatever_lies_beside_a_document()
    {
        var inputs = Inputs(256, 4, 2, 32);
        var expected = All([200, 31, 25], threads: 1, inputs);
        foreach (var threads in new[] { 2, 3 })
        {
            Assert.Equal(expected.SelectMany(Floats), All([200, 31, 25], threads, inputs).SelectMany(Floats));
        }

        var changed = inputs.Select(input => input.detach().clone().requires_grad_()).ToArray();
        using (no_grad())
        {
            foreach (var input in changed)
            {
                input.narrow(1, 200, 56).mul_(3);
            }
        }

        Assert.Equal(
            expected.SelectMany(one => Floats(one.narrow(1, 0, 200))),
            All([200, 56], threads: 2, changed).SelectMany(one => Floats(one.narrow(1, 0, 200))));
    }

    /// <summary>Milliseconds forward and backward, of both, in turns.</summary>
    [Theory(Explicit = true)]
    [InlineData(4, 32, 8, 128)]
    [InlineData(6, 48, 8, 256)]
    [InlineData(12, 64, 8, 256)]
    [InlineData(32, 64, 1, 2_048)]
    public void Figures(int heads, int dim, int documents, int length)
    {
        foreach (var bfloat16 in new[] { false, true })
        {
            using var operators = PanelOperators.Create(bfloat16, threads: 1, () => 0);
            set_num_threads(1);
            var segments_BT = Segments([.. Enumerable.Repeat(length, documents)]);
            var inputs = Inputs(documents * length, heads, heads, dim);
            using var own = operators.Attention(segments_BT);
            using var torch = new PackedAttention(segments_BT);
            var times = new List<(double Own, double Torch)>();
            for (var i = 0; i < (documents * length > 1_024 ? 9 : 100); i++)
            {
                times.Add((Time(own, inputs), Time(torch, inputs)));
            }

            output.WriteLine(
                $"{heads} x {dim}, {documents} x {length}, bf16 {bfloat16}: own {times.Min(time => time.Own):F2} ms, "
                    + $"libtorch {times.Min(time => time.Torch):F2} ms");
        }
    }

    public void Dispose() => scope.Dispose();

    private static double Time(IPackedAttention attention, Tensor[] inputs)
    {
        using var inner = NewDisposeScope();
        var started = Stopwatch.GetTimestamp();
        var found = attention.Attend(0, inputs[0], inputs[1], inputs[2]);
        found.backward([ones_like(found)]);
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private static List<Tensor> All(int[] documents, int threads, Tensor[] inputs)
    {
        using var operators = PanelOperators.Create(bfloat16: false, threads, () => 0);
        using var attention = operators.Attention(Segments(documents));
        var own = inputs.Select(input => input.detach().clone().requires_grad_()).ToArray();
        var found = attention.Attend(0, own[0], own[1], own[2]);
        found.backward([found.detach().cos()]);
        operators.ThrowFault();
        return [found.detach(), .. own.Select(input => input.grad!)];
    }

    private static float[] Floats(Tensor tensor) => tensor.contiguous().data<float>().ToArray();

    private static Tensor Segments(int[] documents) =>
        cat([.. documents.Select((length, i) => full(length, i + 1L, ScalarType.Int64))]).unsqueeze(0);

    private static Tensor[] Inputs(int tokens, int heads, int keyHeads, int dim)
    {
        manual_seed(3);
        return [.. new[] { heads, keyHeads, keyHeads }.Select(count => randn(1, tokens, count, dim).mul(2).detach().requires_grad_())];
    }

    private static Tensor InDouble(Tensor segments_BT, Tensor[] inputs, int? window)
    {
        var (tokens, groups) = (segments_BT.shape[1], inputs[0].shape[2] / inputs[1].shape[2]);
        var place_T = arange(tokens);
        var distance_TT = place_T.unsqueeze(1) - place_T.unsqueeze(0);
        var seen_TT = segments_BT[0].unsqueeze(1).eq(segments_BT[0].unsqueeze(0))
            .logical_and(distance_TT.ge(0)).logical_and(distance_TT.lt(window ?? long.MaxValue));
        var (query, key, value) = (
            inputs[0].transpose(1, 2), inputs[1].repeat_interleave(groups, 2).transpose(1, 2),
            inputs[2].repeat_interleave(groups, 2).transpose(1, 2));
        var scores = query.matmul(key.transpose(2, 3)) / Math.Sqrt(inputs[0].shape[3]);
        return scores.masked_fill(seen_TT.logical_not(), double.NegativeInfinity).softmax(-1).matmul(value).transpose(1, 2);
    }

    private static void AssertNear(Tensor expected, Tensor found, double tolerance)
    {
        var error = (found.to_type(ScalarType.Float64) - expected).norm().item<double>() / (expected.norm().item<double>() + 1e-300);
        Assert.True(error < tolerance, $"relative error {error}");
    }
}
