using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Orca.Model.Inference.Cpu;

/// <summary>
/// The inputs of a product, laid out for the tiles of its kernels: whole tiles first, then one that is no taller than it
/// must be. As fp32, or quantised to int8 in groups of 32 with a scale each.
/// </summary>
internal unsafe struct PackedView
{
    /// <summary>Rows of the tallest tile.</summary>
    public const int MaxTileRows = 12;

    /// <summary>Rows in all.</summary>
    public int Rows;

    /// <summary>Inputs of a row, padded.</summary>
    public int Inputs;

    /// <summary>Rows of a whole tile.</summary>
    public int TileRows;

    /// <summary>Tiles.</summary>
    public int Tiles;

    /// <summary>Height of the last tile: 1, 2, 4, 8 or 12.</summary>
    public int LastHeight;

    /// <summary>Whether they are for integer weights.</summary>
    public bool IsInteger;

    /// <summary>What those weights have been raised by.</summary>
    public int Offset;

    /// <summary>fp32, [tiles, pairs, 2, height]; or words of four int8, [tiles, groups, 8, height].</summary>
    public float* Values;

    /// <summary>What the sums of a group begin at, [tiles, groups, height].</summary>
    public int* Starts;

    /// <summary>Scales of the groups, [tiles, groups, height].</summary>
    public float* Scales;

    /// <summary>Height of a tile.</summary>
    public readonly int HeightOf(int tile) => tile == Tiles - 1 ? LastHeight : TileRows;

    /// <summary>Packs the rows of one tile.</summary>
    /// <param name="tile">Its index.</param>
    /// <param name="count">Its rows; what padding beyond them holds does not matter.</param>
    /// <param name="from">The rows' values; zeros up to the padded number of inputs follow each.</param>
    /// <param name="stride">Values from one row to the next.</param>
    public readonly void Pack(int tile, int count, float* from, long stride)
    {
        var height = HeightOf(tile);
        if (IsInteger)
        {
            var groups = (long)tile * TileRows * Inputs / PanelFormats.Group;
            for (var row = 0; row < count; row++)
            {
                Quantise(from + (row * stride), (int*)Values + (groups * 8) + row, Starts + groups + row, Scales + groups + row, height);
            }

            return;
        }

        var to = Values + ((long)tile * TileRows * Inputs);
        var transposed = height >= 8 && count >= 8 && Avx.IsSupported ? TransposeEights(from, stride, to, height) : 0;
        for (var row = 0; row < count; row++)
        {
            for (var input = row < 8 ? transposed : 0; input < Inputs; input++)
            {
                to[((long)input * height) + row] = from[(row * stride) + input];
            }
        }
    }

    /// <summary>Transposes the first 8 rows, eight inputs at a time, and returns how many inputs it has done.</summary>
    private readonly int TransposeEights(float* from, long stride, float* to, int height)
    {
        var input = 0;
        for (; input <= Inputs - 8; input += 8, from += 8, to += 8 * height)
        {
            var (a, b) = Interleave(Vector256.Load(from), Vector256.Load(from + stride));
            var (c, d) = Interleave(Vector256.Load(from + (2 * stride)), Vector256.Load(from + (3 * stride)));
            var (e, f) = Interleave(Vector256.Load(from + (4 * stride)), Vector256.Load(from + (5 * stride)));
            var (g, h) = Interleave(Vector256.Load(from + (6 * stride)), Vector256.Load(from + (7 * stride)));
            Store(a, c, e, g, to, height);
            Store(b, d, f, h, to + (2 * height), height);
        }

        return input;
    }

    // Of the inputs 0 1 2 3 4 5 6 7 of two rows: 0 0 1 1 4 4 5 5, and 2 2 3 3 6 6 7 7.
    private static (Vector256<double> Low, Vector256<double> High) Interleave(Vector256<float> first, Vector256<float> second) =>
        (Avx.UnpackLow(first, second).AsDouble(), Avx.UnpackHigh(first, second).AsDouble());

    /// <summary>Stores the inputs n, n + 1, n + 4 and n + 5 of 8 rows, given as pairs of rows.</summary>
    private static void Store(Vector256<double> rows01, Vector256<double> rows23, Vector256<double> rows45, Vector256<double> rows67, float* to, int height)
    {
        var (even, odd) = (Avx.UnpackLow(rows01, rows23), Avx.UnpackHigh(rows01, rows23));
        var (evenLater, oddLater) = (Avx.UnpackLow(rows45, rows67), Avx.UnpackHigh(rows45, rows67));
        Vector256.Create(even.GetLower(), evenLater.GetLower()).AsSingle().Store(to);
        Vector256.Create(odd.GetLower(), oddLater.GetLower()).AsSingle().Store(to + height);
        Vector256.Create(even.GetUpper(), evenLater.GetUpper()).AsSingle().Store(to + (4 * height));
        Vector256.Create(odd.GetUpper(), oddLater.GetUpper()).AsSingle().Store(to + (5 * height));
    }

    private readonly void Quantise(float* from, int* words, int* starts, float* scales, int height)
    {
        for (var group = 0; group < Inputs / PanelFormats.Group; group++, from += PanelFormats.Group)
        {
            var (low, high) = (Vector512.Load(from), Vector512.Load(from + 16));
            var most = Largest(Vector512.Max(Vector512.Abs(low), Vector512.Abs(high)));
            var inverse = Vector512.Create(most > 0 ? 127 / most : 0);
            var (lowWords, highWords) = (Rounded(low * inverse), Rounded(high * inverse));
            var bytes = Vector256.Narrow(Narrow(lowWords), Narrow(highWords)).AsInt32();
            for (var step = 0; step < 8; step++, words += height)
            {
                *words = bytes.GetElement(step);
            }

            *starts = -Offset * Vector512.Sum(lowWords + highWords);
            *scales = most / 127;
            starts += height;
            scales += height;
        }
    }

    private static float Largest(Vector512<float> values)
    {
        var half = Vector256.Max(values.GetLower(), values.GetUpper());
        var quarter = Vector128.Max(half.GetLower(), half.GetUpper());
        quarter = Vector128.Max(quarter, Vector128.Shuffle(quarter, Vector128.Create(2, 3, 0, 1)));
        return Math.Max(quarter.GetElement(0), quarter.GetElement(1));
    }

    private static Vector512<int> Rounded(Vector512<float> values) => Vector512.ConvertToInt32(Vector512.Round(values));

    private static Vector256<short> Narrow(Vector512<int> words) => Vector256.Narrow(words.GetLower(), words.GetUpper());
}
