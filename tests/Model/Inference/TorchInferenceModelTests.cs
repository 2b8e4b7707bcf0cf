using Orca.Model.Inference;
using Orca.Model.Inference.Torch;
using Orca.Model.Tests.Network;
using Orca.Tests.Shared;

namespace Orca.Model.Tests.Inference;

public class TorchInferenceModelTests
{
    private const int Context = 96;

    [Theory]
    [MemberData(nameof(FamilyShapes.Names), MemberType = typeof(FamilyShapes))]
    public void Rows_of_any_length_in_any_order_of_blocks_give_the_logits_of_a_forward_without_a_cache(string family)
    {
        using var toy = new ToyModel(FamilyShapes.Of(ToyModel.Config)[family]);
        using var model = new TorchInferenceModel(toy.Network, new Nothing());
        using var store = model.CreateStore(6, model.BlockTokens(Context));
        var random = new Random(3);
        int[] slots = [4, 0, 5, 2];
        var sequences = slots.Select(_ => Enumerable.Range(0, 60).Select(_ => random.Next(ToyModel.Config.VocabularySize)).ToArray())
            .ToArray();
        var expected = sequences.Select(tokens => new PlainLlama(toy.Network.Config, toy.Weights).Logits(tokens)).ToArray();
        var done = new int[slots.Length];

        // Decoding rows beside chunks of very different lengths, as a scheduler mixes them.
        foreach (var step in new int[][] { [1, 40, 3, 7], [1, 1, 37, 1], [20, 1, 0, 2], [1, 0, 1, 1] })
        {
            var rows = step.Select((count, s) => (Count: count, Sequence: s)).Where(row => row.Count > 0).ToArray();
            var asked = rows.Select((row, i) => new InferenceRow(
                sequences[row.Sequence].AsMemory(done[row.Sequence], row.Count), done[row.Sequence], new[] { slots[row.Sequence] },
                (LogitRows)((i + row.Count) % 3))).ToArray();
            var logits = new float[asked.Sum(row => row.LogitCount) * model.Config.VocabularySize];
            model.Run(store, asked, logits);
            var next = 0;
            foreach (var (row, at) in asked.Zip(rows))
            {
                for (var t = row.Tokens.Length - row.LogitCount; t < row.Tokens.Length; t++, next++)
                {
                    var found = logits.AsSpan(next * model.Config.VocabularySize, model.Config.VocabularySize).ToArray();
                    Assert.All(found.Zip(expected[at.Sequence][row.Start + t]), pair => Assert.Equal(pair.Second, pair.First, 1e-3));
                }

                done[at.Sequence] += at.Count;
            }
        }
    }

    [Fact]
    public void A_copied_beginning_goes_on_as_the_one_it_was_copied_from()
    {
        using var toy = new ToyModel(ToyModel.Config with { MaxPositions = Context });
        using var model = new TorchInferenceModel(toy.Network, new Nothing());
        using var store = model.CreateStore(2, model.BlockTokens(Context));
        int[] prompt = [.. Enumerable.Range(1, 9)];
        model.Run(store, [new InferenceRow(prompt, 0, new[] { 1 }, LogitRows.None)], []);
        store.Copy(1, 0, prompt.Length);
        var logits = new float[2 * model.Config.VocabularySize];

        model.Run(
            store,
            [
                new InferenceRow(new[] { 3 }, prompt.Length, new[] { 1 }, LogitRows.Last),
                new InferenceRow(new[] { 3 }, prompt.Length, new[] { 0 }, LogitRows.Last),
            ],
            logits);

        // What libtorch sums up in a batch is the same but for the last digits.
        Assert.All(
            logits[..model.Config.VocabularySize].Zip(logits[model.Config.VocabularySize..]),
            pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    private sealed class Nothing : IDisposable
    {
        public void Dispose()
        {
        }
    }
}
