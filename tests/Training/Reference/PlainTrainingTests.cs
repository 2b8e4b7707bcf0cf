using Orca.Model.Network;
using Orca.Streams.Curricula.Lessons;
using Orca.Training.Optimization;
using Orca.Training.Packing;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Tests.Reference;

/// <summary>
/// A whole training, from packing to optimizer, beside one in plain doubles: the same losses step by step, from the same weights on the
/// same lessons.
/// </summary>
public sealed class PlainTrainingTests(ITestOutputHelper output)
{
    private const int Steps = 20;
    private const double Rate = 2e-3;

    // stories260K of llama2.c: four key heads for eight query heads, and the embedding for a head.
    private static readonly LlamaConfig Stories = new()
    {
        VocabularySize = 512,
        HiddenSize = 64,
        IntermediateSize = 172,
        Layers = 5,
        Heads = 8,
        KvHeads = 4,
        MaxPositions = 512,
        TiedEmbeddings = true,
        BosId = 1,
        EosIds = [2],
    };

    [Theory]
    [InlineData(OptimizerKind.AdamW, 5)]
    [InlineData(OptimizerKind.Muon, 1)]
    public void Twenty_steps_have_the_losses_of_the_plain_student(OptimizerKind optimizer, int layers)
    {
        using var scope = NewDisposeScope();
        var config = Stories with { Layers = layers };
        var options = Toy.Options with { Optimizer = optimizer, AdamW = new() { WeightDecay = 0.1 }, MaxGradientNorm = 0.8 };
        var weights = LlamaParameters.Initialize(config, 11, ScalarType.Float32, CPU);
        using var learner = new Learner(config, options);
        learner.Load(name => weights[name]);
        var plain = new PlainTraining(new PlainStudent(config, weights), options);

        var worst = 0.0;
        var losses = new List<double>();
        for (var step = 0; step < Steps; step++)
        {
            var lessons = LessonsOf(step);
            var expected = plain.Step(lessons, Rate);
            losses.Add(learner.Step(MicroBatches(lessons), Rate).Loss);
            worst = Math.Max(worst, Math.Abs(losses[^1] - expected));
        }

        output.WriteLine($"{optimizer}, {layers} layers: loss {losses[0]:F3} to {losses[^1]:F3}, differing by {worst:E1} at most");
        Assert.InRange(worst, 0, 1e-4);
        Assert.InRange(losses[^1], 0, losses[0] - 1);
    }

    // Of one length of row and two micro-batches, the second smaller.
    private static PackedBatch[] MicroBatches(List<Lesson> lessons)
    {
        var packer = new LessonPacker(new PackingOptions(RowLength: 40, Rows: 3, Stories.VocabularySize));
        lessons.ForEach(lesson => Assert.Null(packer.Offer(lesson)));
        return [packer.Pack(2)!, packer.Pack(8)!];
    }

    // Few, so that they are learned; a lesson's weight is its own.
    private static List<Lesson> LessonsOf(int step) =>
    [
        .. Enumerable.Range(0, 5).Select(index => (step + index) % 6).Select(number =>
            Lessons.Of(3 + (2 * number), 9 + number, seed: 40 + number, weight: 0.5f + (0.25f * number), vocabulary: 512)),
    ];
}
