using Orca.Model.Network;
using Orca.Streams.Curricula.Lessons;
using Orca.Training.Packing;
using Orca.Training.Practice;
using Orca.Training.Tests.Reference;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Tests.Practice;

/// <summary>
/// The loss of practice and its gradients are those of the student in plain doubles, whose own gradients are judged by differences.
/// </summary>
public sealed class PlainPracticeTests(ITestOutputHelper output)
{
    private const double Weight = 0.7;

    private static readonly List<Lesson> Documents =
    [
        Lessons.Of(3, 5, seed: 1), Lessons.Practice(2, 9, 6, seed: 2, weight: 0.5f), Lessons.Of(6, 2, seed: 3, weight: 0.25f),
        Lessons.Practice(4, 12, 3, seed: 4), Lessons.Practice(1, 3, 9, seed: 5, weight: 2), Lessons.Of(8, 8, seed: 6),
        Lessons.Practice(7, 2, 1, seed: 7),
    ];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_plain_students_gradient_is_the_slope_of_its_loss_in_every_weight(bool isTied)
    {
        using var scope = NewDisposeScope();
        var weights = ShakenWeights.Of(ConfigOf(isTied));
        var (student, hinted) = (new PlainStudent(ConfigOf(isTied), weights), new PlainStudent(ConfigOf(isTied), weights));
        student.LossAndGradient(Documents, hinted, top: 4, Weight);
        var gradients = student.Weights.ToDictionary(weight => weight.Name, weight => (double[])weight.Gradient.Clone());
        var random = new Random(2);
        foreach (var weight in student.Weights)
        {
            var values = (double[])weight.Values.Clone();
            var direction = values.Select(_ => random.NextDouble() - 0.5).ToArray();
            var slope = direction.Zip(gradients[weight.Name], (d, g) => d * g).Sum();
            var found = (LossAt(1e-5) - LossAt(-1e-5)) / 2e-5;
            Assert.True(Math.Abs(found - slope) < 1e-8 + (1e-6 * Math.Abs(slope)), $"{weight.Name}: {found}, not {slope}");

            double LossAt(double step)
            {
                for (var i = 0; i < values.Length; i++)
                {
                    weight.Values[i] = values[i] + (step * direction[i]);
                }

                var (teaching, practice) = student.LossAndGradient(Documents, hinted, top: 4, Weight);
                values.CopyTo(weight.Values, 0);
                return teaching + (Weight * practice);
            }
        }
    }

    [Theory]
    [InlineData(true, 1, ProductKernels.Libtorch)]
    [InlineData(true, 5, ProductKernels.Libtorch)]
    [InlineData(false, 5, ProductKernels.Own)]
    [InlineData(false, 50, ProductKernels.Libtorch)]
    [InlineData(true, 64, ProductKernels.Own)]
    public void The_trainers_losses_and_every_gradient_are_the_plain_students(bool isTied, int top, ProductKernels products)
    {
        using var scope = NewDisposeScope();
        var config = ConfigOf(isTied);
        var options = Toy.Options with { Practice = new() { Weight = Weight, TopTokens = top }, Products = products };
        Assert.SkipUnless(
            products == ProductKernels.Libtorch || ProductChoice.CanRunOwn(options), "this processor has none of the server's kernels");
        var weights = ShakenWeights.Of(config);
        var (plain, hinted) = (new PlainStudent(config, weights), new PlainStudent(config, weights));
        var (teaching, practice) = plain.LossAndGradient(Documents, hinted, top, Weight);
        using var learner = new Learner(config, options);
        learner.Load(name => weights[name]);

        var found = learner.AccumulateAll(Packed());

        var gradients = new Gradients(found.Teaching, learner.Parameters.Names.ToDictionary(
            name => name, name => Array.ConvertAll(Numbers.Of(learner.Parameters.Gradient(name)), value => (double)value)));
        var (worst, share) = gradients.WorstAgainst(
            new Gradients(teaching, plain.Weights.ToDictionary(weight => weight.Name, weight => weight.Gradient)));
        output.WriteLine(
            $"top {top}: practice {found.Practice:F6}, off by {found.Practice - practice:E1}, gradient off by {share:E1} ({worst})");
        Assert.Equal(teaching, found.Teaching, 1e-6);
        Assert.Equal(practice, found.Practice, 1e-6);
        Assert.InRange(share, 0, 3e-6);
    }

    [Fact]
    public void The_likeliest_tokens_with_the_rest_tell_less_than_all_tokens_and_more_than_fewer()
    {
        using var scope = NewDisposeScope();
        var found = new List<double>();
        foreach (var top in new[] { 1, 4, 16, 50 })
        {
            using var learner = new Learner(ConfigOf(true), Toy.Options with { Practice = new() { TopTokens = top } });
            var weights = ShakenWeights.Of(ConfigOf(true));
            learner.Load(name => weights[name]);
            found.Add(learner.AccumulateAll(Packed()).Practice);
        }

        Assert.Equal(found.Order(), found);
        Assert.True(found[0] > 0);
    }

    private static LlamaConfig ConfigOf(bool isTied) => Toy.Config with { VocabularySize = 50, TiedEmbeddings = isTied };

    private static PackedBatch[] Packed() =>
    [
        PackedBatch.Of([[Documents[0], Documents[1]], [Documents[2], Documents[3]]], 24),
        PackedBatch.Of([[Documents[4], Documents[6]], [Documents[5]]], 24),
    ];
}
