using Orca.Model.Inference.Cpu.Machine;
using Orca.Model.Network;

namespace Orca.Model.Inference.Cpu;

/// <summary>
/// Cosines and sines of rotary positions, computed in double, for the pairs (i, i + D/2). Grows with the longest position seen.
/// </summary>
internal sealed unsafe class RotaryTable(LlamaConfig config) : IDisposable
{
    private readonly RotaryAngles angles = new(config);
    private NativeBuffer table = new(0);

    /// <summary>Positions it reaches to.</summary>
    public int Length { get; private set; }

    /// <summary>[positions, D]: D/2 cosines, then D/2 sines. Valid until it grows.</summary>
    public float* Data => table.Floats;

    /// <summary>Makes it reach at least so far.</summary>
    public void Reach(int length)
    {
        if (length <= Length)
        {
            return;
        }

        length = Math.Max(length, Math.Min(2 * length, config.MaxPositions));
        var larger = new NativeBuffer((long)length * config.HeadDim * sizeof(float));
        Buffer.MemoryCopy(table.Data, larger.Data, larger.Bytes, table.Bytes);
        table.Dispose();
        table = larger;
        for (var position = Length; position < length; position++)
        {
            Fill(position);
        }

        Length = length;
    }

    /// <inheritdoc/>
    public void Dispose() => table.Dispose();

    private void Fill(int position)
    {
        var row = table.Floats + ((long)position * config.HeadDim);
        for (var pair = 0; pair < angles.Pairs; pair++)
        {
            var (sine, cosine) = angles.At(position, pair);
            row[pair] = (float)cosine;
            row[pair + angles.Pairs] = (float)sine;
        }
    }
}
