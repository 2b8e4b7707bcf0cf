using Orca.Model.Network;
using Orca.Streams.Curricula.Lessons;
using Orca.Training.Packing;

namespace Orca.Training.Tests.Loss;

/// <summary>
/// However lessons are laid out in rows and micro-batches, and whatever is spared in memory on the way, loss and gradient are those of one
/// large batch in which every lesson has a row of its own.
/// </summary>
public sealed class EquivalenceTests(ITestOutputHelper output)
{
    // The longest of the lessons has 160 tokens.
    private const int RowLength = 200;

    private static readonly Dictionary<string, Way> Ways = new()
    {
        ["packed"] = new(lessons => [Packed(lessons)]),
        ["packed into longer rows"] = new(lessons => [Packed(lessons, 512)]),
        ["packed, accumulated row by row"] = new(lessons => RowByRow(lessons)),
        ["a lesson a micro-batch"] = new(lessons => [.. lessons.Select(lesson => PackedBatch.Of([[lesson]], RowLength))]),
        ["a lesson a micro-batch, without padding"] = new(
            lessons => [.. lessons.Select(lesson => PackedBatch.Of([[lesson]], lesson.Length))]),
        ["uneven micro-batches"] = new(lessons => [Packed(lessons[..2]), Packed(lessons[2..])]),
        ["with micro-batches without a label"] = new(lessons => [Masked(lessons), Packed(lessons), Masked(lessons[..1])]),
        ["unpacked, the loss in chunks"] = new(lessons => [Unpacked(lessons)]) { ChunkPositions = 5 },
        ["packed, the loss a position at a time"] = new(lessons => [Packed(lessons)]) { ChunkPositions = 1 },
        ["accumulated, the loss in chunks"] = new(lessons => RowByRow(lessons)) { ChunkPositions = 7 },
    };

    [Theory]
    [MemberData(nameof(TaughtTemplates.Names), MemberType = typeof(TaughtTemplates))]
    public void Every_way_gives_the_loss_and_the_gradient_of_one_large_batch(string template) => AssertAlike(template, isTied: true);

    [Fact]
    public void A_head_of_its_own_makes_no_difference_to_that() => AssertAlike("ChatML", isTied: false);

    [Fact]
    public void Micro_batches_without_a_label_alone_give_no_loss_and_no_gradient()
    {
        var lessons = TaughtLessons.Of("headings over SentencePiece");
        using var learner = Toy.Learner(config: Toy.Config with { MaxPositions = 512 });

        var found = Gradients.Of(learner, Masked(lessons), Masked(lessons));

        Assert.Equal(0, found.Loss);
        Assert.All(found.ByName.Values, gradient => Assert.All(gradient, value => Assert.Equal(0, value)));
    }

    private void AssertAlike(string template, bool isTied)
    {
        var lessons = TaughtLessons.Of(template)[..7];
        var config = Toy.Config with
        {
            VocabularySize = TaughtTemplates.Of(template).Tokenizer.VocabularySize,
            TiedEmbeddings = isTied,
            MaxPositions = 512,
        };
        var expected = new Way(all => [Unpacked(all)]).Of(config, lessons);
        foreach (var (name, way) in Ways)
        {
            var found = way.Of(config, lessons);
            var (weight, share) = found.WorstAgainst(expected);
            output.WriteLine($"{template}, {name}: loss {found.Loss - expected.Loss:E1}, gradient {share:E1} ({weight})");
            Assert.True(Math.Abs(found.Loss - expected.Loss) < 1e-6, $"{name}: loss {found.Loss}, not {expected.Loss}");
            Assert.True(share < 1e-6, $"{name}: the gradient of {weight} differs by {share:E1} of its norm");
        }
    }

    private static PackedBatch Packed(List<Lesson> lessons, int rowLength = RowLength)
    {
        var packer = new LessonPacker(new PackingOptions(rowLength, Rows: 1, VocabularySize: int.MaxValue));
        lessons.ForEach(lesson => Assert.Null(packer.Offer(lesson)));
        return packer.Pack(int.MaxValue >> 16)!;
    }

    private static PackedBatch[] RowByRow(List<Lesson> lessons)
    {
        var packer = new LessonPacker(new PackingOptions(RowLength, Rows: 1, VocabularySize: int.MaxValue));
        lessons.ForEach(lesson => Assert.Null(packer.Offer(lesson)));
        var rows = new List<PackedBatch>();
        while (packer.Pack(1) is { } row)
        {
            rows.Add(row);
        }

        return [.. rows];
    }

    private static PackedBatch Unpacked(List<Lesson> lessons) => PackedBatch.Of([.. lessons.Select(lesson => new[] { lesson })], RowLength);

    private static PackedBatch Masked(List<Lesson> lessons) =>
        PackedBatch.Of([.. lessons.Select(lesson => new[] { lesson with { Weight = 0 } })], RowLength);

    /// <summary>
    /// How the lessons of a step become a gradient: another way is a line above, and where it needs an option, a member here.
    /// </summary>
    /// <param name="MicroBatches">Lays them out.</param>
    private sealed record Way(Func<List<Lesson>, PackedBatch[]> MicroBatches)
    {
        /// <summary>Positions whose logits exist together; null for all.</summary>
        public int? ChunkPositions { get; init; }

        public Gradients Of(LlamaConfig config, List<Lesson> lessons)
        {
            using var learner = Toy.Learner(config: config, mostLogits: ChunkPositions * (long)config.VocabularySize);
            return Gradients.Of(learner, MicroBatches(lessons));
        }
    }
}
