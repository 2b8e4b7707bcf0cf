using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Orca.Model.Inference.Cpu;

/// <summary>Functions of whole vectors, in single precision throughout: the runtime's own go by way of doubles.</summary>
internal static unsafe class VectorMath
{
    private const float Least = -87.33654f;
    private const float Most = 88.37626f;

    /// <summary>Adds some values to others.</summary>
    public static void Add(float* to, float* values, int count)
    {
        var i = 0;
        for (; i <= count - 16; i += 16)
        {
            Vector512.Store(Vector512.Load(to + i) + Vector512.Load(values + i), to + i);
        }

        for (; i < count; i++)
        {
            to[i] += values[i];
        }
    }

    /// <summary>Values over the root of their mean square, times a norm's weight; they may be normed in place.</summary>
    public static void Norm(float* from, float* weight, int count, float epsilon, float* to)
    {
        var squares = 0.0;
        var sums = Vector512<float>.Zero;
        var i = 0;
        for (; i <= count - 16; i += 16)
        {
            var values = Vector512.Load(from + i);
            sums = Vector512.FusedMultiplyAdd(values, values, sums);
        }

        squares += Vector512.Sum(sums);
        for (; i < count; i++)
        {
            squares += from[i] * from[i];
        }

        var scale = (float)(1 / Math.Sqrt((squares / count) + epsilon));
        for (i = 0; i <= count - 16; i += 16)
        {
            Vector512.Store(Vector512.Load(from + i) * scale * Vector512.Load(weight + i), to + i);
        }

        for (; i < count; i++)
        {
            to[i] = from[i] * scale * weight[i];
        }
    }

    /// <summary>
    /// e to the power of each value, within 2 units in the last place (the polynomial of Cephes' expf,
    /// https://netlib.org/cephes/). Below -87.3, where fp32 has no normal numbers left, it is 0; above 88.3 it stays where it is
    /// there; NaN stays NaN.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        var bounded = Vector512.Min(Vector512.Max(x, Vector512.Create(Least)), Vector512.Create(Most));
        var power = Vector512.Round(bounded * Vector512.Create(1.44269504f));
        var rest = Vector512.FusedMultiplyAdd(power, Vector512.Create(-0.693359375f), bounded);
        rest = Vector512.FusedMultiplyAdd(power, Vector512.Create(2.12194440e-4f), rest);
        var sum = Vector512.FusedMultiplyAdd(rest, Vector512.Create(1.9875691500e-4f), Vector512.Create(1.3981999507e-3f));
        sum = Vector512.FusedMultiplyAdd(sum, rest, Vector512.Create(8.3334519073e-3f));
        sum = Vector512.FusedMultiplyAdd(sum, rest, Vector512.Create(4.1665795894e-2f));
        sum = Vector512.FusedMultiplyAdd(sum, rest, Vector512.Create(1.6666665459e-1f));
        sum = Vector512.FusedMultiplyAdd(sum, rest, Vector512.Create(5.0000001201e-1f));
        sum = Vector512.FusedMultiplyAdd(sum, rest * rest, rest + Vector512<float>.One);
        var scale = Vector512.ShiftLeft(Vector512.ConvertToInt32(power) + Vector512.Create(127), 23).AsSingle();

        // NaN is below nothing, so it stays what the arithmetic made of it.
        return Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512.Create(Least)), Vector512<float>.Zero, sum * scale);
    }
}
