// The one place where a number may become a Scalar: everywhere else the build refuses it (build/BannedSymbols.txt).
#pragma warning disable RS0030

using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Model.Native;

/// <summary>Operators that take a number, in a form in which the number outlives them.</summary>
/// <remarks>
/// A number given to a TorchSharp operator becomes a temporary <see cref="Scalar"/> with a finalizer, and nothing holds it
/// while the operator runs: a collection at that moment frees it under the operator's hands, which then reads another
/// number or fails ("Expected false to be true … toFloat"). It happened about once in ten thousand steps of a busy server.
/// <c>a + b</c> of two tensors counts as well, since it multiplies b by a temporary 1, and so does the square, which is a power of a
/// temporary 2. So the conversions and all operators that convert by themselves are banned from the sources, and these take their place.
/// </remarks>
public static class TensorNumbers
{
    private static readonly Scalar One = 1;
    private static readonly Scalar MinusInfinity = double.NegativeInfinity;

    /// <summary>a + b.</summary>
    public static Tensor Plus(this Tensor a, Tensor b) => a.add(b, One);

    /// <summary>a + factor · b.</summary>
    public static Tensor Plus(this Tensor a, Tensor b, double factor)
    {
        using Scalar held = factor;
        return a.add(b, held);
    }

    /// <summary>a becomes a + b; returns it.</summary>
    public static Tensor Plus_(this Tensor a, Tensor b) => a.add_(b, One);

    /// <summary>a becomes a + factor · b; returns it.</summary>
    public static Tensor Plus_(this Tensor a, Tensor b, double factor)
    {
        using Scalar held = factor;
        return a.add_(b, held);
    }

    /// <summary>a + number, of an integer type.</summary>
    public static Tensor Plus(this Tensor a, int number)
    {
        using Scalar held = number;
        return a.add(held, One);
    }

    /// <summary>
    /// The bits of a, of an integer type, become shifted: to the left, or by a negative number to the right; returns it.
    /// </summary>
    public static Tensor Shifted_(this Tensor a, int places)
    {
        using var held = tensor(Math.Abs(places), ScalarType.Int32);
        return places >= 0 ? a.bitwise_left_shift_(held) : a.bitwise_right_shift_(held);
    }

    /// <summary>a becomes a + number; returns it.</summary>
    public static Tensor Plus_(this Tensor a, double number)
    {
        using Scalar held = number;
        return a.add_(held, One);
    }

    /// <summary>a + b · c, element by element.</summary>
    public static Tensor PlusProduct(this Tensor a, Tensor b, Tensor c) => a.addcmul(b, c, One);

    /// <summary>a becomes a · number; returns it.</summary>
    public static Tensor Times_(this Tensor a, double number)
    {
        using Scalar held = number;
        return a.mul_(held);
    }

    /// <summary>a · number.</summary>
    public static Tensor Times(this Tensor a, double number)
    {
        using Scalar held = number;
        return a.mul(held);
    }

    /// <summary>a / number.</summary>
    public static Tensor Over(this Tensor a, double number)
    {
        using Scalar held = number;
        return a.div(held);
    }

    /// <summary>Every element of a becomes the number; returns it.</summary>
    public static Tensor Filled_(this Tensor a, double number)
    {
        using Scalar held = number;
        return a.fill_(held);
    }

    /// <summary>The elements of a where a mask is true become minus infinity; returns it.</summary>
    public static Tensor Hidden_(this Tensor a, Tensor mask) => a.masked_fill_(mask, MinusInfinity);
}
