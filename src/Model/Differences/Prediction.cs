using Orca.Model.Weights;

namespace Orca.Model.Differences;

/// <summary>
/// The values that a base lets one expect in a tuned model: its own, rounded to the tuned one's type where that is another. Any rule would
/// do, as long as it gives the same bits everywhere; the nearer it comes, the smaller is a difference.
/// </summary>
internal static class Prediction
{
    /// <summary>Whether there is a rule from one type to another.</summary>
    public static bool Exists(WeightType from, WeightType to) =>
        from == to || (EncodingOf(from) is not null && EncodingOf(to) is not null);

    /// <summary>Predicts values of another type; what is not finite predicts zero, since its bits differ between machines.</summary>
    /// <param name="from">The base's type.</param>
    /// <param name="values">The base's values.</param>
    /// <param name="to">The tuned model's type, another.</param>
    /// <param name="predicted">As many values of that type.</param>
    public static void Convert(WeightType from, ReadOnlySpan<byte> values, WeightType to, Span<byte> predicted)
    {
        var floats = new float[values.Length / from.Bytes];
        RowValues.Decode(EncodingOf(from)!.Value, values, floats);
        foreach (ref var value in floats.AsSpan())
        {
            value = float.IsFinite(value) ? value : 0;
        }

        RowWriter.Encode(EncodingOf(to)!.Value, floats, predicted);
    }

    private static WeightEncoding? EncodingOf(WeightType type) => type.Name switch
    {
        "F32" => WeightEncoding.F32,
        "F16" => WeightEncoding.F16,
        "BF16" => WeightEncoding.BF16,
        _ => null,
    };
}
