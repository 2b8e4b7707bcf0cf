using static TorchSharp.torch;

namespace Orca.Model.Network;

// Shapes: B batch, T tokens, D head dimension, P positions of the tables.

/// <summary>
/// Rotary positions in Hugging Face's pairing: dimension i turns with dimension i + D/2.
/// The tables are computed in double, kept in the dtype of the computation, and grow with the longest position seen.
/// </summary>
internal sealed class RotaryEmbedding(LlamaConfig config, ScalarType dtype) : IDisposable
{
    private Tensor? cosine_PD;
    private Tensor? sine_PD;

    /// <summary>The rotation of one step's tokens, the same in every layer; the caller's scope owns it.</summary>
    /// <param name="positions_BT">int64, each below <paramref name="limit"/>.</param>
    /// <param name="limit">The tables reach at least this far.</param>
    public Rotation At(Tensor positions_BT, int limit)
    {
        // Devices are compared by their parts: two objects of one device are not equal.
        if (cosine_PD is null || cosine_PD.shape[0] < limit
            || cosine_PD.device_type != positions_BT.device_type || cosine_PD.device_index != positions_BT.device_index)
        {
            Build(Math.Max(limit, Math.Min(config.MaxPositions, 2 * limit)), positions_BT.device);
        }

        long[] shape = [positions_BT.shape[0], positions_BT.shape[1], 1, config.HeadDim];
        using var flat = positions_BT.reshape(-1);
        using var cosine = cosine_PD!.index_select(0, flat);
        using var sine = sine_PD!.index_select(0, flat);
        return new Rotation(cosine.view(shape), sine.view(shape));
    }

    /// <summary>Frees the tables.</summary>
    public void Dispose()
    {
        cosine_PD?.Dispose();
        sine_PD?.Dispose();
        cosine_PD = sine_PD = null;
    }

    private void Build(int length, Device device)
    {
        Dispose();
        var angles = new RotaryAngles(config);
        var pairs = angles.Pairs;
        var cosine = new float[length, 2 * pairs];
        var sine = new float[length, 2 * pairs];
        for (var position = 0; position < length; position++)
        {
            for (var pair = 0; pair < pairs; pair++)
            {
                var (sin, cos) = angles.At(position, pair);
                cosine[position, pair] = cosine[position, pair + pairs] = (float)cos;
                // The first half takes minus its partner: with the sign here, turning is one multiply-add.
                sine[position, pair] = -(float)sin;
                sine[position, pair + pairs] = (float)sin;
            }
        }

        cosine_PD = Kept(cosine, device);
        sine_PD = Kept(sine, device);
    }

    private Tensor Kept(float[,] table, Device device)
    {
        using var scope = NewDisposeScope();
        return tensor(table).to(dtype, device).DetachFromDisposeScope();
    }
}

/// <summary>cos and signed sin of the tokens of one step, [B, T, 1, D], as <see cref="INetworkOperators.Turn"/> takes them.</summary>
internal readonly record struct Rotation(Tensor Cosine_BT1D, Tensor Sine_BT1D) : IDisposable
{
    /// <summary>The same, out of every scope, for the caller to dispose.</summary>
    public Rotation Kept() => new(Cosine_BT1D.DetachFromDisposeScope(), Sine_BT1D.DetachFromDisposeScope());

    /// <inheritdoc/>
    public void Dispose()
    {
        Cosine_BT1D.Dispose();
        Sine_BT1D.Dispose();
    }
}
