using Orca.Model.Native;
using Orca.Model.Network;
using static TorchSharp.torch;

namespace Orca.Training.Adapters;

// I inputs, O outputs, R rank.

/// <summary>Projections of one input with adapters beside some of them: y + scale · B·(A·x), y being what they give themselves.</summary>
/// <param name="frozen">The projections.</param>
/// <param name="down">The A, [R, I], of those that have an adapter, in their order.</param>
/// <param name="up">The B, [O, R], of each projection; null where it has no adapter.</param>
/// <param name="scale">What adapters' outputs are multiplied by.</param>
internal sealed class LoraLinears(ILinears frozen, ILinears down, IReadOnlyList<ILinears?> up, double scale) : ILinears
{
    /// <inheritdoc/>
    public IReadOnlyList<Tensor> Forward(Tensor x)
    {
        var outputs = frozen.Forward(x);
        using var narrow = down.Forward(x).GetEnumerator();
        return [.. outputs.Select((output, i) => up[i] is { } its ? Adapted(output, Next(narrow), its) : output)];
    }

    private Tensor Adapted(Tensor output, Tensor narrow, ILinears up)
    {
        using (narrow)
        {
            // Scaled where it is narrow, and added in place: neither pass takes another tensor as wide as the output for it.
            using var scaled = narrow.Times(scale);
            using var added = up.Forward(scaled)[0];
            output.Plus_(added);
            return output;
        }
    }

    private static Tensor Next(IEnumerator<Tensor> tensors)
    {
        tensors.MoveNext();
        return tensors.Current;
    }
}
