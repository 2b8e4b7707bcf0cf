using System.Collections.Immutable;
using Orca.Model.Network;
using Orca.Streams.Curricula.Lessons;
using Orca.Training.Loss;
using Orca.Training.Packing;
using static TorchSharp.torch;

namespace Orca.Training.Tests.Loss;

/// <summary>What stands beside a document in its row or its batch is nothing to it, to the last bit.</summary>
public sealed class NeighbourTests
{
    private const int RowLength = 48;

    private static readonly int[][] Rows = [[9, 17, 5, 12], [24, 24], [3, 31], [48], [2, 2, 2, 11, 20]];

    [Fact]
    public void Another_document_leaves_the_scores_of_every_other_in_all_rows_as_they_were_bit_for_bit()
    {
        using var learner = Toy.Learner();
        var before = Scores(learner, PackedBatch.Of(Laid(changed: -1), RowLength));
        var documents = Rows.Sum(row => row.Length);
        for (var changed = 0; changed < documents; changed++)
        {
            var after = Scores(learner, PackedBatch.Of(Laid(changed), RowLength));

            var number = 0;
            for (var (row, place) = (0, 0); row < Rows.Length; row++, place = 0)
            {
                foreach (var length in Rows[row])
                {
                    var at = (row * RowLength) + place;
                    Assert.True(
                        number == changed != before[at..(at + length)].SequenceEqual(after[at..(at + length)], BitForBit),
                        $"document {number}, with another in the place of document {changed}");
                    (place, number) = (place + length, number + 1);
                }
            }
        }
    }

    [Fact]
    public void What_stands_on_padding_changes_neither_loss_nor_gradient()
    {
        using var learner = Toy.Learner();
        var batch = PackedBatch.Of([[Lessons.Of(4, 7, seed: 1), Lessons.Of(2, 9, seed: 2)], [Lessons.Of(3, 5, seed: 3)]], RowLength);
        var filled = new PackedBatch
        {
            Rows = batch.Rows,
            RowLength = batch.RowLength,
            Tokens = [.. batch.Tokens.Select((token, at) => batch.Segments[at] == 0 ? Toy.Config.VocabularySize - 1 : token)],
            Positions = batch.Positions,
            Segments = batch.Segments,
            Weights = batch.Weights,
            Packed = batch.Packed,
            Collections = batch.Collections,
        };
        Assert.NotEqual(batch.Tokens, filled.Tokens);

        var (expected, found) = (Gradients.Of(learner, batch), Gradients.Of(learner, filled));

        Assert.Equal(expected.Loss, found.Loss);
        Assert.All(expected.ByName, pair => Assert.Equal(pair.Value, found.ByName[pair.Key]));
    }

    private static EqualityComparer<float[]> BitForBit { get; } =
        EqualityComparer<float[]>.Create((one, other) => one.AsSpan().SequenceEqual(other));

    // [B·T] scores, each over the vocabulary.
    private static float[][] Scores(Learner learner, PackedBatch batch)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var tensors = new BatchTensors(batch, CPU);
        using var attention = new PackedAttention(tensors.Segments_BT);
        var logits = learner.Model.Logits(learner.Model.Hidden(tensors.Tokens_BT, tensors.Positions_BT, attention));
        var all = logits.contiguous().data<float>().ToArray();
        return [.. all.Chunk((int)logits.shape[^1])];
    }

    private static IReadOnlyList<IReadOnlyList<Lesson>> Laid(int changed)
    {
        var number = 0;
        return [.. Rows.Select(row => row.Select(length =>
            Lessons.Of(1, length - 1, seed: number++ == changed ? 1_000 + number : number)).ToImmutableArray())];
    }
}
