using Orca.Model.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Model.Tests.Network;

/// <summary>On a CUDA device packed attention is one call over documents of different lengths, forward and back.</summary>
public class FlashAttentionTests
{
    [Theory]
    [InlineData(null)]
    [InlineData(5)]
    public void On_a_gpu_attention_and_its_gradients_are_those_of_the_documents_one_by_one(int? window)
    {
        Assert.SkipUnless(cuda.is_available(), "there is no CUDA device");
        using var scope = NewDisposeScope();
        var segments_BT = tensor(new long[] { 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 }).view(2, 12);
        var inputs = new[] { 4, 2, 2 }.Select(heads => randn(2, 12, heads, 64)).ToArray();
        var gradient = randn(2, 12, 4, 64);
        using var documents = new PackedAttention(segments_BT);
        using var flash = new PackedAttention(segments_BT.cuda());

        var wanted = Run(documents, inputs, gradient, window);
        var found = Run(
            flash, [.. inputs.Select(input => input.to(ScalarType.BFloat16, CUDA))], gradient.to(ScalarType.BFloat16, CUDA), window);

        Assert.All(found.Zip(wanted), pair => Assert.True(
            pair.First.to(ScalarType.Float32, CPU).allclose(pair.Second, 0.03, 0.05), $"{(pair.First.cpu() - pair.Second).abs().max()}"));
    }

    [Fact]
    public void Documents_are_the_runs_of_one_segment_and_end_with_their_row()
    {
        using var segments_BT = tensor(new[] { 1, 1, 2, 0, 1, 3, 3, 3 }).view(2, 4);
        Assert.Equal(
            [new(0, 2), new(2, 1), new(3, 1), new(4, 1), new(5, 3)], DocumentRun.Of(segments_BT));
    }

    private static Tensor[] Run(PackedAttention attention, Tensor[] inputs, Tensor gradient, int? window)
    {
        var leaves = inputs.Select(input => input.clone().requires_grad_(true)).ToArray();
        var attended = attention.Attend(0, leaves[0], leaves[1], leaves[2], window);
        attended.backward([gradient]);
        return [attended.detach(), .. leaves.Select(leaf => leaf.grad!)];
    }
}
