using Orca.Training.Packing;
using Orca.Training.Parameters;
using static TorchSharp.torch;

namespace Orca.Training.Tests;

public sealed class ProductKernelsTests
{
    private static readonly TrainerOptions Own = Toy.Options with { Products = ProductKernels.Own };

    public ProductKernelsTests() => Assert.SkipUnless(ProductChoice.CanRunOwn(Own), "this processor has no AVX-512");

    [Fact]
    public void The_servers_kernels_find_the_loss_and_the_gradient_that_libtorch_finds()
    {
        var (loss, gradient) = Accumulated(Toy.Options with { Products = ProductKernels.Libtorch });
        var (ownLoss, ownGradient) = Accumulated(Own);

        Assert.Equal(loss, ownLoss, 1e-5);
        Assert.True(Distance(gradient, ownGradient) < 1e-5);
    }

    [Fact]
    public void Steps_are_equal_to_the_bit_for_any_number_of_threads_of_the_kernels()
    {
        var expected = Accumulated(Own with { Threads = 1 });
        Assert.Equal(expected.Gradient, Accumulated(Own with { Threads = 1 }).Gradient);
        Assert.Equal(expected.Loss, Accumulated(Own with { Threads = 2 }).Loss);
    }

    [Fact]
    public void In_sixteen_bit_weights_and_gradients_stay_in_thirty_two()
    {
        var options = Own with { Compute = ComputeType.BFloat16 };
        Assert.SkipUnless(ProductChoice.CanRunOwn(options), "this processor has no fast products in bf16");
        using var learner = Toy.Learner(options);
        Assert.Equal(ScalarType.Float32, learner.Model.Compute);
        var (loss, gradient) = Accumulated(options);
        var (exactLoss, exactGradient) = Accumulated(Own);
        Assert.Equal(exactLoss, loss, 1e-2);
        Assert.True(Distance(exactGradient, gradient) is > 0 and < 0.02);
    }

    [Fact]
    public void Kernels_of_the_processor_are_a_fault_on_another_device() =>
        Assert.Contains("training.products", Assert.Single((Own with { Device = "cuda" }).Faults()), StringComparison.Ordinal);

    private static (double Loss, float[] Gradient) Accumulated(TrainerOptions options)
    {
        using var learner = Toy.Learner(options);
        var rows = Lessons.Stream(3, 6, 24).Take(6).Select(lesson => new[] { lesson }).ToArray();
        var loss = learner.Accumulate([PackedBatch.Of(rows, 24), PackedBatch.Of(rows[..2], 24)]);
        return (loss, learner.Parameters.AllGradients());
    }

    private static double Distance(float[] expected, float[] actual) => Math.Sqrt(
        expected.Zip(actual, (a, b) => Math.Pow((double)a - b, 2)).Sum() / expected.Sum(a => Math.Pow(a, 2)));
}
