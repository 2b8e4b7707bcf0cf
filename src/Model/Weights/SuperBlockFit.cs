using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Orca.Model.Weights;

/// <summary>
/// Writes blocks of <see cref="WeightEncoding.Q4_K"/> with little squared error: each group's scale and minimum are fitted to its
/// values by least squares, from several first guesses, and once more among the neighbours of the six bits they are rounded to.
/// </summary>
internal static class SuperBlockFit
{
    private const int GroupValues = 32;
    private const int LargestQuant = 15;
    private const int LargestSixBits = 63;
    private const int Rounds = 3;
    private const int ScalesPlace = 4;
    private const int QuantsPlace = 16;

    // How much of a group's range the first guess covers: what lies outside is cut, and the rest gets finer steps.
    private static readonly float[] Ranges = [1, 0.93f, 0.86f, 0.78f];

    /// <summary>Writes one block.</summary>
    /// <param name="values">Its 256 values, finite.</param>
    /// <param name="block">Its 144 bytes.</param>
    public static void Encode(ReadOnlySpan<float> values, Span<byte> block)
    {
        Span<Steps> fitted = stackalloc Steps[SuperBlocks.Groups];
        var (largestScale, largestMinimum) = (0f, 0f);
        for (var group = 0; group < SuperBlocks.Groups; group++)
        {
            fitted[group] = Fit(new Group(values.Slice(GroupValues * group, GroupValues)));
            largestScale = Math.Max(largestScale, fitted[group].Scale);
            largestMinimum = Math.Max(largestMinimum, fitted[group].Minimum);
        }

        var scale = (Half)(largestScale / LargestSixBits);
        var minimum = (Half)(largestMinimum / LargestSixBits);
        block.Clear();
        MemoryMarshal.Write(block, scale);
        MemoryMarshal.Write(block[2..], minimum);
        for (var group = 0; group < SuperBlocks.Groups; group++)
        {
            var own = new Group(values.Slice(GroupValues * group, GroupValues));
            var (first, second) = Rounded(own, fitted[group], (float)scale, (float)minimum);
            WriteScales(block.Slice(ScalesPlace, 12), group, first, second);
            var quants = block.Slice(QuantsPlace + (GroupValues * (group / 2)), GroupValues);
            own.WriteQuants(new Steps((float)scale * first, (float)minimum * second), 4 * (group % 2), quants);
        }
    }

    /// <summary>The scale and minimum that fit a group best, before they are rounded.</summary>
    private static Steps Fit(Group group)
    {
        var (low, high) = group.Range();
        low = Math.Min(low, 0);
        var best = new Steps((high - low) / LargestQuant, -low);
        var least = group.Error(best);
        foreach (var range in Ranges)
        {
            var (middle, reach) = ((low + high) / 2, range * (high - low) / 2);
            var steps = new Steps(2 * reach / LargestQuant, Math.Max(0, reach - middle));
            for (var round = 0; round < Rounds && steps.Scale > 0; round++)
            {
                steps = group.LeastSquares(steps);
                if (group.Error(steps) is var error && error < least)
                {
                    (best, least) = (steps, error);
                }
            }
        }

        return best;
    }

    /// <summary>The six bits of scale and minimum: of those beside the fitted ones the pair that is off least.</summary>
    private static (int Scale, int Minimum) Rounded(Group group, Steps fitted, float scale, float minimum)
    {
        var (first, second) = (Nearest(fitted.Scale, scale), Nearest(fitted.Minimum, minimum));
        var (best, least) = ((first, second), float.PositiveInfinity);
        for (var s = Math.Max(0, first - 1); s <= Math.Min(LargestSixBits, first + 1); s++)
        {
            for (var m = Math.Max(0, second - 1); m <= Math.Min(LargestSixBits, second + 1); m++)
            {
                if (group.Error(new Steps(scale * s, minimum * m)) is var error && error < least)
                {
                    (best, least) = ((s, m), error);
                }
            }
        }

        return best;
    }

    private static int Nearest(float value, float unit) =>
        unit == 0 ? 0 : Math.Clamp((int)MathF.Round(value / unit), 0, LargestSixBits);

    // As SuperBlocks.GroupScales reads them: the upper two bits of the last four groups lie above the first four's six.
    private static void WriteScales(Span<byte> bytes, int group, int scale, int minimum)
    {
        if (group < 4)
        {
            bytes[group] |= (byte)scale;
            bytes[group + 4] |= (byte)minimum;
            return;
        }

        bytes[group + 4] = (byte)((scale & 0xF) | ((minimum & 0xF) << 4));
        bytes[group - 4] |= (byte)((scale >> 4) << 6);
        bytes[group] |= (byte)((minimum >> 4) << 6);
    }

    /// <summary>A value is <c>Scale · q - Minimum</c>, q from 0 to 15.</summary>
    private readonly record struct Steps(float Scale, float Minimum);

    /// <summary>The 32 values of a group.</summary>
    private readonly ref struct Group(ReadOnlySpan<float> values)
    {
        private readonly Vector256<float> a = Vector256.Create(values);
        private readonly Vector256<float> b = Vector256.Create(values[8..]);
        private readonly Vector256<float> c = Vector256.Create(values[16..]);
        private readonly Vector256<float> d = Vector256.Create(values[24..]);

        public (float Low, float High) Range()
        {
            var low = Vector256.Min(Vector256.Min(a, b), Vector256.Min(c, d));
            var high = Vector256.Max(Vector256.Max(a, b), Vector256.Max(c, d));
            var (least, most) = (low[0], high[0]);
            for (var i = 1; i < Vector256<float>.Count; i++)
            {
                (least, most) = (Math.Min(least, low[i]), Math.Max(most, high[i]));
            }

            return (least, most);
        }

        /// <summary>The squared error with the best quants for these steps.</summary>
        public float Error(Steps steps) =>
            Vector256.Sum(Squared(a, steps) + Squared(b, steps) + Squared(c, steps) + Squared(d, steps));

        /// <summary>The steps with the least squared error for the quants that others lead to.</summary>
        public Steps LeastSquares(Steps steps)
        {
            var (qa, qb, qc, qd) = (Quants(a, steps), Quants(b, steps), Quants(c, steps), Quants(d, steps));
            var q = Vector256.Sum(qa + qb + qc + qd);
            var qq = Vector256.Sum((qa * qa) + (qb * qb) + (qc * qc) + (qd * qd));
            var x = Vector256.Sum(a + b + c + d);
            var qx = Vector256.Sum((qa * a) + (qb * b) + (qc * c) + (qd * d));
            var determinant = (GroupValues * qq) - (q * q);
            if (determinant <= 0)
            {
                return steps;
            }

            var scale = ((GroupValues * qx) - (q * x)) / determinant;
            var minimum = ((q * scale) - x) / GroupValues;
            return minimum >= 0 ? new Steps(Math.Max(0, scale), minimum) : new Steps(Math.Max(0, qx / qq), 0);
        }

        /// <summary>Writes the best quants into bytes, from a bit on.</summary>
        public void WriteQuants(Steps steps, int bit, Span<byte> to)
        {
            Write(Quants(a, steps), bit, to);
            Write(Quants(b, steps), bit, to[8..]);
            Write(Quants(c, steps), bit, to[16..]);
            Write(Quants(d, steps), bit, to[24..]);
        }

        private static void Write(Vector256<float> quants, int bit, Span<byte> to)
        {
            for (var i = 0; i < Vector256<float>.Count; i++)
            {
                to[i] |= (byte)((int)quants[i] << bit);
            }
        }

        private static Vector256<float> Squared(Vector256<float> values, Steps steps)
        {
            var off = (Quants(values, steps) * steps.Scale) - Vector256.Create(steps.Minimum) - values;
            return off * off;
        }

        private static Vector256<float> Quants(Vector256<float> values, Steps steps) => steps.Scale == 0
            ? Vector256<float>.Zero
            : Vector256.Clamp(
                Vector256.Round((values + Vector256.Create(steps.Minimum)) / steps.Scale), Vector256<float>.Zero,
                Vector256.Create((float)LargestQuant));
    }
}
