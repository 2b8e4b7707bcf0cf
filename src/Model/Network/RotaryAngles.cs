namespace Orca.Model.Network;

/// <summary>
/// Cosines and sines of rotary positions, in double, times the scaling's attention factor: what every table of them is filled
/// from. Pairs are (i, i + D/2).
/// </summary>
internal sealed class RotaryAngles(LlamaConfig config)
{
    private readonly double[] frequencies = new double[config.HeadDim / 2];
    private readonly double factor = config.RopeScaling?.AttentionFactor ?? 1;
    private int length;

    /// <summary>D/2.</summary>
    public int Pairs => frequencies.Length;

    /// <summary>Sine and cosine of a pair at a position. Ask for all pairs of a position together.</summary>
    public (double Sine, double Cosine) At(int position, int pair)
    {
        if (length == 0 || (length != position + 1 && config.RopeScaling?.ChangesWith(Math.Max(length, position + 1)) == true))
        {
            Compute(position + 1);
        }

        var (sine, cosine) = Math.SinCos(position * frequencies[pair]);
        return (factor * sine, factor * cosine);
    }

    private void Compute(int forLength)
    {
        for (var pair = 0; pair < Pairs; pair++)
        {
            frequencies[pair] = config.RopeScaling?.Frequency(pair, Pairs, config.RopeTheta, forLength)
                ?? RopeScaling.Unscaled(pair, Pairs, config.RopeTheta);
        }

        length = forLength;
    }
}
