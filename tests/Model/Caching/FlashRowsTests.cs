using Orca.Model.Caching;
using Orca.Model.Native;
using Orca.Model.Network;
using Orca.Model.Tests.Network;
using static TorchSharp.torch;

namespace Orca.Model.Tests.Caching;

public sealed class FlashRowsTests
{
    private const int Capacity = 24;

    private static readonly LlamaConfig Config = ToyModel.Config with { HiddenSize = 64, Heads = 8, KvHeads = 2, HeadDim = 16, Layers = 1 };

    // Slots out of order and with gaps; prefill, decode, a chunk of a prompt, a slot filled to its last cell.
    private static readonly CacheRow[] Rows = [new(4, 0, 7), new(1, 9, 1), new(2, 3, 4), new(0, Capacity - 1, 1)];

    [Fact]
    public void Every_row_finds_its_keys_where_they_lie()
    {
        using var scope = NewDisposeScope();
        using var cache = Filled(CPU, ScalarType.Float32);
        using var flash = new FlashRows(cache, Rows);
        var keys_LKD = FlashRows.Tokens(cache, cache.Keys(0));
        var (starts, counts) = (flash.KeyStarts.data<int>().ToArray(), flash.KeyCounts.data<int>().ToArray());
        Assert.Equal([0, 7, 8, 12, 13], flash.QueryStarts.data<int>().ToArray());
        foreach (var (index, row) in Rows.Index())
        {
            Assert.Equal(row.End, counts[index]);
            var wanted = cache.Keys(0)[row.Slot].narrow(1, 0, row.End).transpose(0, 1);
            Assert.True(keys_LKD.narrow(0, starts[index], counts[index]).allclose(wanted, 0, 0), $"{row}");
        }
    }

    [Fact]
    public void Only_CUDA_in_half_precision_is_suited()
    {
        using var cache = new KvCache(Config, 1, 8, ScalarType.BFloat16, CPU);
        Assert.False(FlashRows.Suits(cache));
    }

    [Fact]
    public void Attention_on_CUDA_equals_attention_on_the_CPU()
    {
        Assert.SkipUnless(cuda.is_available(), "there is no CUDA device");
        using var scope = NewDisposeScope();
        using var cache = Filled(CPU, ScalarType.BFloat16);
        using var there = Filled(CUDA, ScalarType.BFloat16);
        Assert.True(FlashRows.Suits(there));
        random.manual_seed(2);
        var tokens = Rows.Max(row => row.Count);
        var query_BTHD = randn(Rows.Length, tokens, Config.Heads, Config.HeadDim, ScalarType.BFloat16);
        var key_BTKD = randn(Rows.Length, tokens, Config.KvHeads, Config.HeadDim, ScalarType.BFloat16);
        var value_BTKD = randn(Rows.Length, tokens, Config.KvHeads, Config.HeadDim, ScalarType.BFloat16);
        using var plain = new CachedAttention(cache, Rows);
        using var flash = new CachedAttention(there, Rows);
        var wanted = plain.Attend(0, query_BTHD, key_BTKD, value_BTKD);
        var found = flash.Attend(0, query_BTHD.cuda(), key_BTKD.cuda(), value_BTKD.cuda()).cpu();
        foreach (var (index, row) in Rows.Index())
        {
            var off = (found[index].narrow(0, 0, row.Count) - wanted[index].narrow(0, 0, row.Count)).abs().max().item<float>();
            Assert.True(off < 0.03, $"{row}: {off}");
        }
    }

    [Fact]
    public void Without_CUDA_the_operator_says_so_and_nothing_breaks()
    {
        Assert.SkipWhen(cuda.is_available(), "there is a CUDA device");
        using var scope = NewDisposeScope();
        using var cache = Filled(CPU, ScalarType.BFloat16);
        using var flash = new FlashRows(cache, Rows);
        var query_NHD = randn(13, Config.Heads, Config.HeadDim, ScalarType.BFloat16);
        Assert.Throws<InvalidOperationException>(() => flash.Attend(query_NHD, cache.Keys(0), cache.Values(0)));
    }

    private static KvCache Filled(Device device, ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        var cache = new KvCache(Config, 5, Capacity, dtype, device);
        foreach (var tensor in new[] { cache.Keys(0), cache.Values(0) })
        {
            tensor.copy_(randn(tensor.shape, ScalarType.Float32).to(dtype, device));
        }

        return cache;
    }
}
