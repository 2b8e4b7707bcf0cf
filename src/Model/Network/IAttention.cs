using static TorchSharp.torch;

namespace Orca.Model.Network;

// Shapes: B batch, T tokens, H heads, K key/value heads, D head dimension.

/// <summary>Which tokens see which: a packed batch in training, a cache in serving.</summary>
public interface IAttention
{
    /// <summary>The positions of this step's tokens lie below this.</summary>
    int PositionLimit { get; }

    /// <summary>Attends in one layer.</summary>
    /// <param name="layer">Index of the layer, from 0.</param>
    /// <param name="query_BTHD">Rotated queries.</param>
    /// <param name="key_BTKD">Rotated keys.</param>
    /// <param name="value_BTKD">Values.</param>
    /// <param name="window">How many of the last tokens a token sees, itself included; null: all.</param>
    /// <returns>[B, T, H, D]; the caller's scope owns it.</returns>
    Tensor Attend(int layer, Tensor query_BTHD, Tensor key_BTKD, Tensor value_BTKD, int? window = null);
}
