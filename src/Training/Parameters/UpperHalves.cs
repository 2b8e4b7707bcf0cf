using Orca.Model.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Parameters;

// N numbers, n of a run of them.

/// <summary>Bfloat16 numbers as what they are: the upper halves of float32's bits.</summary>
/// <param name="numbers_N">[N] bfloat16; owned by the caller.</param>
internal sealed class UpperHalves(Tensor numbers_N)
{
    private const int Half = 16;

    /// <summary>[N] bfloat16.</summary>
    public Tensor Numbers_N => numbers_N;

    /// <summary>The upper halves that are nearest to numbers; of two, the one away from zero.</summary>
    /// <remarks>
    /// libtorch's own rounding takes the even one of two: then the difference would need a seventeenth bit.
    /// </remarks>
    /// <param name="numbers_n">[n] float32.</param>
    /// <returns>[n] int32, in the lower half; the caller's scope owns it.</returns>
    public static Tensor NearestTo(Tensor numbers_n)
    {
        using var bits_n = Aten.BitsOf(numbers_n, ScalarType.Int32);
        return bits_n.Plus(1 << (Half - 1)).Shifted_(-Half);
    }

    /// <summary>Upper halves in their place, the lower ones zero: [n] int32 of [n] int32.</summary>
    public static Tensor Widened(Tensor upper_n) => upper_n.clone().Shifted_(Half);

    /// <summary>The bits of a run of them, the lower halves zero: [n] int32; the caller's scope owns it.</summary>
    public Tensor Read(long start, long count)
    {
        using var run_n = numbers_N.narrow(0, start, count);
        using var halves_n = Aten.BitsOf(run_n, ScalarType.Int16);
        return halves_n.to_type(ScalarType.Int32).Shifted_(Half);
    }

    /// <summary>Sets a run of them.</summary>
    /// <param name="start">First of them.</param>
    /// <param name="upper_n">[n] int32, in the lower half.</param>
    public void Write(long start, Tensor upper_n)
    {
        using var run_n = numbers_N.narrow(0, start, upper_n.shape[0]);
        using var halves_n = Aten.BitsOf(run_n, ScalarType.Int16);
        halves_n.copy_(upper_n);
    }
}
