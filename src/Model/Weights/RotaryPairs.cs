namespace Orca.Model.Weights;

/// <summary>
/// The two orders in which the rows of a head of queries or keys lie: in halves (dimension i turns with i + D/2, as Hugging
/// Face and Orca have it) and in neighbours (2i turns with 2i + 1, as LLaMA's first code and GGUF have it).
/// </summary>
internal static class RotaryPairs
{
    /// <summary>Where a row that stands at <paramref name="inHalves"/> stands among neighbours.</summary>
    public static int InNeighbours(int inHalves, int headDim)
    {
        var (head, within) = Math.DivRem(inHalves, headDim);
        var (half, pair) = Math.DivRem(within, headDim / 2);
        return (head * headDim) + (2 * pair) + half;
    }

    /// <summary>Where a row that stands at <paramref name="inNeighbours"/> stands in halves.</summary>
    public static int InHalves(int inNeighbours, int headDim)
    {
        var (head, within) = Math.DivRem(inNeighbours, headDim);
        var (pair, half) = Math.DivRem(within, 2);
        return (head * headDim) + (half * headDim / 2) + pair;
    }
}
