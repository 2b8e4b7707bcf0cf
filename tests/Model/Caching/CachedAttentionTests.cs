using Orca.Model.Caching;
using Orca.Model.Network;
using Orca.Model.Tests.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Model.Tests.Caching;

public class CachedAttentionTests
{
    private const int Slots = 5;
    private const int Capacity = 40;

    [Theory]
    [InlineData(4, 4, 1)]
    [InlineData(4, 2, 2)]
    [InlineData(6, 1, 3)]
    [InlineData(4, 2, 4)]
    public void Logits_with_a_cache_equal_logits_without(int heads, int kvHeads, int seed)
    {
        using var scope = NewDisposeScope();
        RopeScaling? scaling = seed == 4 ? new RopeScaling.Dynamic(2, 20) : null;
        using var model = new ToyModel(ToyModel.Config with
        {
            Heads = heads,
            KvHeads = kvHeads,
            MaxPositions = 20,
            RopeScaling = scaling,
        });
        using var cache = new KvCache(model.Network.Config, Slots, Capacity, ScalarType.Float32, CPU);
        var random = new Random(seed);
        var sequences = new List<int>[Slots];
        for (var slot = 0; slot < Slots; slot++)
        {
            sequences[slot] = [];
        }

        for (var step = 0; step < 60; step++)
        {
            var rows = RandomRows(random, sequences);
            var logits_BTV = Run(model, cache, rows, sequences);
            for (var i = 0; i < rows.Count; i++)
            {
                var whole = model.Logits([.. sequences[rows[i].Slot]]);
                var difference = (logits_BTV[i].narrow(0, 0, rows[i].Count) - whole.narrow(0, rows[i].Start, rows[i].Count)).abs().max();
                Assert.True(difference.item<double>() < 1e-5, $"step {step}, {rows[i]}: {difference.item<double>()}");
            }
        }
    }

    [Fact]
    public void A_slot_filled_to_its_last_cell_is_exact()
    {
        using var scope = NewDisposeScope();
        using var model = new ToyModel(ToyModel.Config);
        using var cache = new KvCache(model.Network.Config, 2, 8, ScalarType.Float32, CPU);
        List<int>[] sequences = [[.. ToyModel.RandomTokens(new Random(1), 8)], [3]];
        _ = Run(model, cache, [new(0, 0, 7), new(1, 0, 1)], sequences);
        var logits_BTV = Run(model, cache, [new(0, 7, 1)], sequences);
        var whole = model.Logits([.. sequences[0]]);
        Assert.True((logits_BTV[0][0] - whole[7]).abs().max().item<double>() < 1e-5);
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(-1, 0, 1)]
    [InlineData(Slots, 0, 1)]
    [InlineData(0, -1, 1)]
    [InlineData(0, Capacity, 1)]
    [InlineData(0, 0, Capacity + 1)]
    public void Rows_outside_of_the_cache_are_refused(int slot, int start, int count)
    {
        using var cache = new KvCache(ToyModel.Config, Slots, Capacity, ScalarType.Float32, CPU);
        Assert.Throws<ArgumentException>(() => new CachedAttention(cache, [new CacheRow(slot, start, count)]));
    }

    [Fact]
    public void Two_rows_of_one_slot_are_refused()
    {
        using var cache = new KvCache(ToyModel.Config, Slots, Capacity, ScalarType.Float32, CPU);
        Assert.Throws<ArgumentException>(() => new CachedAttention(cache, [new CacheRow(1, 0, 1), new CacheRow(1, 1, 1)]));
    }

    [Fact]
    public void Steps_and_caches_leave_no_tensor_behind()
    {
        using var model = new ToyModel(ToyModel.Config);
        Steps();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Steps();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);

        void Steps()
        {
            using var scope = NewDisposeScope();
            using var cache = new KvCache(model.Network.Config, 3, 8, ScalarType.Float32, CPU);
            List<int>[] sequences = [[1, 2, 3], [4, 5], [6]];
            _ = Run(model, cache, [new(0, 0, 2), new(2, 0, 1), new(1, 0, 2)], sequences);
            _ = Run(model, cache, [new(0, 2, 1)], sequences);
        }
    }

    // New sequences start over in a used slot; rows come in any order, with one or many tokens.
    private static List<CacheRow> RandomRows(Random random, List<int>[] sequences)
    {
        var decodeOnly = random.Next(3) == 0;
        var slots = Enumerable.Range(0, Slots).Where(_ => random.Next(3) > 0).ToArray();
        if (random.Next(2) == 0)
        {
            random.Shuffle(slots);
        }

        var rows = new List<CacheRow>();
        foreach (var slot in slots.Length > 0 ? slots : [0])
        {
            var count = decodeOnly ? 1 : random.Next(1, 9);
            if (sequences[slot].Count + count > Capacity || random.Next(12) == 0)
            {
                sequences[slot].Clear();
            }

            rows.Add(new CacheRow(slot, sequences[slot].Count, count));
            sequences[slot].AddRange(ToyModel.RandomTokens(random, count));
        }

        return rows;
    }

    private static Tensor Run(ToyModel model, KvCache cache, List<CacheRow> rows, List<int>[] sequences)
    {
        using var scope = NewDisposeScope();
        var longest = rows.Max(row => row.Count);
        var tokens_BT = zeros(rows.Count, longest, ScalarType.Int64);
        var positions_BT = zeros(rows.Count, longest, ScalarType.Int64);
        for (var i = 0; i < rows.Count; i++)
        {
            for (var t = 0; t < rows[i].Count; t++)
            {
                tokens_BT[i, t] = sequences[rows[i].Slot][rows[i].Start + t];
                positions_BT[i, t] = rows[i].Start + t;
            }
        }

        using var still = no_grad();
        using var attention = new CachedAttention(cache, rows);
        var logits = model.Network.Logits(model.Network.Hidden(tokens_BT, positions_BT, attention));
        return logits.to_type(ScalarType.Float64).MoveToOuterDisposeScope();
    }
}
