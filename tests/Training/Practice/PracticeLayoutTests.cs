using Orca.Streams.Curricula.Lessons;
using Orca.Training.Activations;
using Orca.Training.Loss;
using Orca.Training.Optimization;
using Orca.Training.Packing;
using Orca.Training.Parameters;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Tests.Practice;

/// <summary>However lessons of practice are laid out, and whatever is spared in memory, they teach the same.</summary>
public sealed class PracticeLayoutTests
{
    private const int RowLength = 40;

    private static readonly TrainerOptions Options = Toy.Options with { Practice = new() { TopTokens = 6 } };

    private static readonly List<Lesson> Taught = [Lessons.Of(3, 5, seed: 1), Lessons.Of(6, 9, seed: 2), Lessons.Of(2, 4, seed: 3)];

    private static readonly List<Lesson> Practised =
    [
        Lessons.Practice(2, 20, 6, seed: 4), Lessons.Practice(4, 30, 9, seed: 5), Lessons.Practice(9, 3, 5, seed: 6, weight: 0.5f),
        Lessons.Practice(2, 11, 7, seed: 7),
    ];

    private static readonly List<Lesson> All = [Practised[0], Taught[0], Practised[1], Taught[1], Practised[2], Taught[2], Practised[3]];

    private static readonly Dictionary<string, (Func<PackedBatch[]> Batches, TrainerOptions Options, int? Chunk)> Ways = new()
    {
        ["packed"] = (() => [Packed(All)], Options, null),
        ["row by row"] = (() => RowByRow(All), Options, null),
        ["a lesson a micro-batch"] = (() => [.. All.Select(lesson => PackedBatch.Of([[lesson]], RowLength))], Options, null),
        ["taught and practised apart"] = (() => [Packed(Taught), Packed(Practised)], Options, null),
        ["in chunks"] = (() => [Packed(All)], Options, 3),
        ["recomputed in part"] = (() => [Packed(All)], Options with { Recompute = Recompute.Selective }, null),
        ["recomputed"] = (() => RowByRow(All), Options with { Recompute = Recompute.Full }, 5),
    };

    [Fact]
    public void Every_way_gives_the_losses_and_the_gradient_of_a_row_a_lesson()
    {
        var (expected, gradient) = Of(() => [PackedBatch.Of([.. All.Select(lesson => new[] { lesson })], RowLength)], Options, null);
        Assert.True(expected.Practice > 0);
        foreach (var (name, (batches, options, chunk)) in Ways)
        {
            var (found, its) = Of(batches, options, chunk);
            Assert.True(Math.Abs(found.Teaching - expected.Teaching) < 1e-6, $"{name}: teaching {found}, not {expected}");
            Assert.True(Math.Abs(found.Practice - expected.Practice) < 1e-6, $"{name}: practice {found}, not {expected}");
            var largest = its.Zip(gradient, (one, other) => Math.Abs(one - other)).Max();
            Assert.True(largest < 1e-6 * Math.Sqrt(gradient.Sum(value => (double)value * value)), $"{name}: the gradient, by {largest:E1}");
        }
    }

    [Fact]
    public void Lessons_that_are_taught_beside_have_the_loss_that_they_have_alone()
    {
        var (alone, _) = Of(() => [Packed(Taught)], Options, null);
        var (beside, _) = Of(() => [Packed(Taught), Packed(Practised)], Options, null);

        Assert.Equal(alone.Teaching, beside.Teaching);
        Assert.Equal(0, alone.Practice);
    }

    [Fact]
    public void A_hint_that_says_nothing_teaches_nothing()
    {
        var lessons = Practised.Select(lesson => lesson with { HintedPromptTokens = lesson.PromptTokens }).ToList();

        var (found, gradient) = Of(() => [Packed(lessons)], Options, null);

        Assert.InRange(found.Practice, -1e-6, 1e-6);
        Assert.All(gradient, value => Assert.InRange(value, -1e-5, 1e-5));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    public void Whole_weights_close_the_gap_and_so_do_adapters(int rank)
    {
        var options = Options with { Optimizer = OptimizerKind.AdamW, Lora = new() { Rank = rank } };
        using var learner = Toy.Learner(options);
        var losses = Enumerable.Range(0, 60).Select(_ => learner.Step([Packed(Practised)], 3e-3).PracticeLoss).ToList();

        Assert.InRange(losses[^1], 0, losses[0] / 2);
    }

    [Fact]
    public void In_16_bit_the_loss_of_practice_is_near_that_of_32_bit()
    {
        var (exact, _) = Of(() => [Packed(All)], Options, null);
        var (rounded, _) = Of(
            () => [Packed(All)], Options with { Compute = ComputeType.BFloat16, Products = ProductKernels.Libtorch }, null);

        Assert.InRange(rounded.Practice, exact.Practice * 0.95, exact.Practice * 1.05);
    }

    [Fact]
    public void Layers_moved_in_the_backward_pass_practise_the_same()
    {
        var options = Options with
        {
            Recompute = Recompute.Full,
            MaxGradientNorm = double.PositiveInfinity,
            Products = ProductKernels.Libtorch,
        };
        using var held = Toy.Learner(options);
        using var released = Toy.Learner(options with { OptimizerInBackward = true });

        for (var step = 0; step < 4; step++)
        {
            var (expected, found) = (held.Step([Packed(All)], 1e-3), released.Step([Packed(All)], 1e-3));
            Assert.Equal((expected.Loss, expected.PracticeLoss), (found.Loss, found.PracticeLoss));
        }
    }

    [Fact]
    public void A_step_leaves_no_tensor_behind()
    {
        using var learner = Toy.Learner(Options);
        learner.Step([Packed(All)], 1e-3);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        learner.Step([Packed(All)], 1e-3);

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static (LossParts Losses, float[] Gradient) Of(Func<PackedBatch[]> batches, TrainerOptions options, int? chunk)
    {
        using var learner = Toy.Learner(options, mostLogits: chunk * (long)Toy.Config.VocabularySize);
        return (learner.AccumulateAll(batches()), learner.Parameters.AllGradients());
    }

    private static PackedBatch Packed(List<Lesson> lessons) => Packer(lessons).Pack(100)!;

    private static PackedBatch[] RowByRow(List<Lesson> lessons)
    {
        var (packer, rows) = (Packer(lessons), new List<PackedBatch>());
        while (packer.Pack(1) is { } row)
        {
            rows.Add(row);
        }

        return [.. rows];
    }

    private static LessonPacker Packer(List<Lesson> lessons)
    {
        var packer = new LessonPacker(new PackingOptions(RowLength, Rows: 1, VocabularySize: int.MaxValue));
        lessons.ForEach(lesson => Assert.Null(packer.Offer(lesson)));
        return packer;
    }
}
