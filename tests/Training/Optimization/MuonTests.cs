using System.Collections.Immutable;
using Orca.Model.Network;
using Orca.Model.Products;
using Orca.Training.Optimization;
using Orca.Training.Parameters;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Tests.Optimization;

public class MuonTests
{
    private static readonly ImmutableArray<BucketLayout> Buckets = BucketLayout.Of(
    [
        new ParameterShape(LlamaParameters.EmbeddingName, [7, 6]),
        new ParameterShape(Up, [10, 6]),
        new ParameterShape("model.layers.0.self_attn.q_proj.weight", [6, 6]),
        new ParameterShape("model.layers.0.mlp.down_proj.weight", [6, 10]),
        new ParameterShape("model.norm.weight", [6]),
        new ParameterShape(LlamaParameters.HeadName, [7, 6]),
    ]);

    private const string Up = "model.layers.0.mlp.up_proj.weight";

    [Theory]
    [InlineData(6, 6)]
    [InlineData(10, 6)]
    [InlineData(6, 10)]
    public void Orthogonalised_matrices_have_singular_values_near_one_and_keep_their_directions(int rows, int columns)
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        var matrices_SRC = randn(4, rows, columns);
        var (left, _, right) = linalg.svd(matrices_SRC, fullMatrices: false);
        var nearest = left.bmm(right);
        var result = new NewtonSchulz(operators: null).Orthogonalise(matrices_SRC);
        Assert.InRange(linalg.svdvals(result).min().item<float>(), 0.3, 1.3);
        Assert.InRange(linalg.svdvals(result).max().item<float>(), 0.6, 1.3);
        var cosine = (result * nearest).sum([1, 2]) / (result.square().sum([1, 2]).sqrt() * nearest.square().sum([1, 2]).sqrt());
        Assert.InRange(cosine.min().item<float>(), 0.95, 1.001);
    }

    // Wide ones by their products with themselves, by libtorch and by the server's kernels.
    [Theory]
    [InlineData(24, 24, false)]
    [InlineData(24, 72, false)]
    [InlineData(128, 384, false)]
    [InlineData(384, 128, false)]
    [InlineData(40, 50, true)]
    [InlineData(128, 384, true)]
    [InlineData(300, 100, true)]
    public void Orthogonalised_matrices_are_those_of_the_iteration_in_doubles(int rows, int columns, bool byPanels)
    {
        Assert.SkipWhen(byPanels && !PanelOperators.CanRun(bfloat16: false), "This processor lacks what the kernels need");
        using var scope = NewDisposeScope();
        manual_seed(4);
        var matrices_SRC = randn(3, rows, columns);
        using var operators = byPanels ? PanelOperators.Create(bfloat16: false, threads: 2, () => 0) : null;

        var found = new NewtonSchulz(operators).Orthogonalise(matrices_SRC);

        var x = matrices_SRC.to_type(ScalarType.Float64);
        x /= x.square().sum([1, 2], keepdim: true).sqrt();
        for (var round = 0; round < 5; round++)
        {
            var gram = x.bmm(x.transpose(1, 2));
            x = (x * 3.4445) - (gram.bmm(x) * 4.7750) + (gram.bmm(gram).bmm(x) * 2.0315);
        }

        var error = (found.to_type(ScalarType.Float64) - x).abs().max().item<double>();
        Assert.InRange(error, 0, 1e-4 * x.abs().max().item<double>());
    }

    [Fact]
    public void Layer_matrices_move_along_the_orthogonalised_momentum_and_the_rest_as_with_AdamW()
    {
        using var scope = NewDisposeScope();
        var adamOptions = new AdamWOptions { WeightDecay = 0.5 };
        using var muon = new Muon(new MuonOptions { Momentum = 0.9, LearningRate = 0.2 }, adamOptions, peak: 0.01, CPU);
        using var adam = new AdamW(adamOptions, CPU);
        using var parameters = Filled(muon);
        using var reference = Filled(adam);
        var before = parameters.Weights(Up).clone();
        var gradient = parameters.Gradient(Up).clone();

        Step(muon, parameters);
        Step(adam, reference);

        // Nesterov momentum of a first step: m = 0.1 g, direction = 0.1 g + 0.9 m, a multiple of g.
        var direction = new NewtonSchulz(operators: null).Orthogonalise(gradient.unsqueeze(0))[0];
        var expected = (before * (1 - (0.2 * 0.5))) - (direction * 0.2 * Math.Sqrt(10.0 / 6));
        Assert.True(parameters.Weights(Up).allclose(expected, 1e-4, 1e-5));
        foreach (var slot in Buckets.Where(bucket => !bucket.AreLayerMatrices).SelectMany(bucket => bucket.Slots))
        {
            Assert.True(parameters.Weights(slot.Name).allclose(reference.Weights(slot.Name), 0, 0));
        }

        Assert.Equal(1, muon.Steps);
    }

    private static void Step(IOptimizer optimizer, StudentParameters parameters)
    {
        optimizer.Begin(0.01);
        foreach (var bucket in parameters.Buckets)
        {
            optimizer.Move(bucket, Rounding.Nearest);
        }
    }

    private static StudentParameters Filled(IOptimizer optimizer)
    {
        var parameters = new StudentParameters(Buckets, new ParameterForms(), optimizer.HasSecondMoments, CPU);
        var random = new Random(5);
        var size = parameters.Places().Sum(place => place.Count);
        parameters.SetWeights(Noise());
        parameters.SetGradients(Noise());
        return parameters;

        float[] Noise() => [.. Enumerable.Range(0, size).Select(_ => (float)((random.NextDouble() * 2) - 1))];
    }
}
