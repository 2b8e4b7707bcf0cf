using Orca.Model.Caching;
using Orca.Model.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Cli.Doctor;

/// <summary>Causal attention, as training and as serving run it, against the same in double.</summary>
// B rows, T tokens, H heads, K key/value heads, D head dimension. Two rows of uneven lengths, two query heads a key head.
internal static class AttentionTest
{
    private const int T = 37;
    private const int H = 4;
    private const int K = 2;
    private const int D = 16;

    private static readonly int[] Lengths = [T, 23];

    private static readonly LlamaConfig Config = new()
    {
        VocabularySize = 1,
        HiddenSize = H * D,
        IntermediateSize = 1,
        Layers = 1,
        Heads = H,
        KvHeads = K,
    };

    /// <summary>The largest error of packed attention, relative to the largest value expected.</summary>
    public static double PackedError(Device device)
    {
        using var scope = NewDisposeScope();
        var (query, key, value) = Inputs(device);
        var segments_BT = zeros(Lengths.Length, T, ScalarType.Int64);
        for (var row = 0; row < Lengths.Length; row++)
        {
            segments_BT[row, ..Lengths[row]] = 1;
        }

        using var attention = new PackedAttention(segments_BT.to(device));
        return Error(attention.Attend(0, query, key, value), query, key, value);
    }

    /// <summary>The same over a cache: a part of every row at once, then the rest token by token, as in decoding.</summary>
    public static double CachedError(Device device)
    {
        using var scope = NewDisposeScope();
        var (query, key, value) = Inputs(device);
        using var cache = new KvCache(Config, slots: Lengths.Length, capacity: T, ScalarType.Float32, device);
        var found_BTHD = zeros_like(query);
        foreach (var rows in Steps())
        {
            Attend(rows);
        }

        return Error(found_BTHD, query, key, value);

        void Attend(CacheRow[] rows)
        {
            using var attention = new CachedAttention(cache, rows);
            var longest = rows.Max(row => row.Count);
            Tensor Step(Tensor x) => stack(rows.Select(row => Part(x, row, longest)));
            var step = attention.Attend(0, Step(query), Step(key), Step(value));
            for (var i = 0; i < rows.Length; i++)
            {
                found_BTHD[rows[i].Slot, rows[i].Start..rows[i].End] = step[i, ..rows[i].Count];
            }
        }
    }

    // The row's tokens of the step, padded to the longest row's.
    private static Tensor Part(Tensor x, CacheRow row, int longest)
    {
        var part = x[row.Slot, row.Start..row.End];
        return nn.functional.pad(part, [0, 0, 0, 0, 0, longest - row.Count]);
    }

    private static IEnumerable<CacheRow[]> Steps()
    {
        const int Prefilled = 11;
        yield return [new CacheRow(0, 0, Prefilled), new CacheRow(1, 0, Prefilled - 4)];
        yield return [new CacheRow(1, Prefilled - 4, 4), new CacheRow(0, Prefilled, 1)];
        for (var position = Prefilled; position < T; position++)
        {
            var rows = new[] { new CacheRow(0, position, 1), new CacheRow(1, position, 1) };
            yield return [.. rows.Where(row => row.End <= Lengths[row.Slot])];
        }
    }

    private static (Tensor Query, Tensor Key, Tensor Value) Inputs(Device device) => (
        Numbers.Random(3, Lengths.Length, T, H, D).to(device),
        Numbers.Random(4, Lengths.Length, T, K, D).to(device),
        Numbers.Random(5, Lengths.Length, T, K, D).to(device));

    private static double Error(Tensor found_BTHD, Tensor query_BTHD, Tensor key_BTKD, Tensor value_BTKD)
    {
        var found = Numbers.Doubles(found_BTHD);
        var expected = AttentionReference.Compute(
            Numbers.Doubles(query_BTHD), Numbers.Doubles(key_BTKD), Numbers.Doubles(value_BTKD),
            new AttentionReference.Shape(Lengths.Length, T, H, K, D));
        for (var row = 0; row < Lengths.Length; row++)
        {
            // What stands beyond a row's end means nothing.
            var (end, next) = (((row * T) + Lengths[row]) * H * D, (row + 1) * T * H * D);
            Array.Clear(found, end, next - end);
            Array.Clear(expected, end, next - end);
        }

        return Numbers.RelativeError(found, expected);
    }
}
