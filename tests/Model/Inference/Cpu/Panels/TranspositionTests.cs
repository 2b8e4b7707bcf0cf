using Orca.Model.Inference.Cpu.Panels;

namespace Orca.Model.Tests.Inference.Cpu.Panels;

public sealed class TranspositionTests
{
    private const uint Untouched = uint.MaxValue;

    private static readonly int[] TileRows = [1, 3, 4, 6, 11, 12, 15, 16];

    public static TheoryData<int, int> Tiles => Sized(TileRows);

    public static TheoryData<int, int> Sizes => Sized([.. TileRows, 17, 31, 32, 50]);

    [Theory]
    [MemberData(nameof(Sizes))]
    public unsafe void Every_word_lies_in_its_place_and_nothing_else_is_written(int rows, int words)
    {
        var (stride, toStride) = (words + 5, rows + 3);
        var from = Rows(rows, stride);
        var to = Enumerable.Repeat(Untouched, (words * toStride) + 64).ToArray();
        fixed (uint* source = from, target = to)
        {
            Transposition.Transpose(source, stride, rows, words, target, toStride);
        }

        for (var i = 0; i < to.Length; i++)
        {
            var (word, row) = Math.DivRem(i, toStride);
            Assert.Equal(row < rows && word < words ? from[(row * stride) + word] : Untouched, to[i]);
        }
    }

    [Theory]
    [MemberData(nameof(Tiles))]
    public unsafe void A_tile_lies_in_its_place_and_overwrites_fifteen_words_behind_it_at_most(int rows, int words)
    {
        const int slack = 15;
        var stride = words + 5;
        var from = Rows(rows, stride);
        var to = Enumerable.Repeat(Untouched, (rows * words) + slack + 64).ToArray();
        fixed (uint* source = from, target = to)
        {
            Transposition.TransposeTile(source, stride, rows, words, target);
        }

        Assert.Equal(
            Enumerable.Range(0, rows * words).Select(i => from[(i % rows * stride) + (i / rows)]), to.Take(rows * words));
        Assert.All(to.Skip((rows * words) + slack), word => Assert.Equal(Untouched, word));
    }

    private static TheoryData<int, int> Sized(int[] rows)
    {
        var data = new TheoryData<int, int>();
        foreach (var (row, words) in rows.SelectMany(_ => new[] { 1, 4, 15, 16, 17, 32, 47 }, (row, words) => (row, words)))
        {
            data.Add(row, words);
        }

        return data;
    }

    private static uint[] Rows(int rows, int stride) => [.. Enumerable.Range(0, rows * stride).Select(i => (uint)i)];
}
