using System.Runtime.Intrinsics;

namespace Orca.Model.Inference.Cpu;

/// <summary>
/// The inputs of a product, laid out for the tiles of its kernels: whole tiles first, then one that is no taller than it
/// must be. As fp32, or quantised to int8 in groups of 32 with a scale each.
/// </summary>
internal unsafe struct PackedView
{
    /// <summary>Rows in all.</summary>
    public int Rows;

    /// <summary>Inputs of a row, padded.</summary>
    public int Inputs;

    /// <summary>Rows of a whole tile.</summary>
    public int TileRows;

    /// <summary>Tiles.</summary>
    public int Tiles;

    /// <summary>Height of the last tile: 1, 2, 4 or 8.</summary>
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

    /// <summary>Packs one row.</summary>
    /// <param name="row">Its index.</param>
    /// <param name="from">Its values; zeros up to the padded number of inputs follow.</param>
    public readonly void Pack(int row, float* from)
    {
        var (tile, column) = Math.DivRem(row, TileRows);
        var height = HeightOf(tile);
        if (IsInteger)
        {
            var groups = (long)tile * TileRows * Inputs / PanelFormats.Group;
            Quantise(from, (int*)Values + (groups * 8) + column, Starts + groups + column, Scales + groups + column, height);
            return;
        }

        var to = Values + ((long)tile * TileRows * Inputs) + column;
        if (height == 1)
        {
            new ReadOnlySpan<float>(from, Inputs).CopyTo(new Span<float>(to, Inputs));
            return;
        }

        for (var input = 0; input < Inputs; input++, to += height)
        {
            *to = from[input];
        }
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
