using Orca.Model.Native;
using static TorchSharp.torch;

namespace Orca.Model.Network;

// Shapes: T tokens.

/// <summary>Which tokens of a sequence see which, where each sees a window of the last ones, itself included.</summary>
internal static class WindowMask
{
    /// <summary>[T, T] bool: true where the token of the row sees that of the column; the caller's scope owns it.</summary>
    public static Tensor Seen(long length, int window, Device device)
    {
        using var all_TT = ones(length, length, ScalarType.Bool, device);
        using var causal_TT = all_TT.tril();
        return causal_TT.triu(1L - window);
    }

    /// <summary>[1, 1, T, T]: 0 where a token sees another, else negative infinity; the caller's scope owns it.</summary>
    public static Tensor Added(long length, int window, ScalarType dtype, Device device)
    {
        using var scope = NewDisposeScope();
        var hidden_TT = Seen(length, window, device).logical_not();
        return zeros(hidden_TT.shape, dtype, device).Hidden_(hidden_TT)
            .view(1, 1, length, length).MoveToOuterDisposeScope();
    }
}
