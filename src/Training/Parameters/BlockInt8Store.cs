using Orca.Model.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Parameters;

// N numbers, n of a run of them, B blocks of S numbers.

/// <summary>
/// Moments in 8 bits, a block of 128 with its largest magnitude in float32 (block-wise: Dettmers et al., arXiv 2110.02861): 1.03 bytes
/// each. A code is the number's share of that magnitude as a small floating-point number.
/// </summary>
/// <remarks>
/// First moments have a sign, four places of exponent and three of mantissa: shares down to 2^-15.9; a smaller one becomes that or
/// zero. Second moments, which are never negative, have four of each. There a smaller share becomes the least one, never zero, since the
/// step is divided by its root. Rounded at random, the mean of a moment decays as it should, though one step of decay is less than half of
/// what lies between two codes; rounded to the nearest it would never decay.
/// </remarks>
public sealed class BlockInt8Store : NumberStore
{
    private const int Block = (int)ParameterSlot.Alignment;
    private const int MantissaOfFloat32 = 23;

    // The bits of 1.0, the largest share.
    private const int One = 127 << MantissaOfFloat32;

    private readonly bool signed;
    private readonly int cut;
    private readonly int codes;
    private readonly float least;
    private readonly Tensor codes_N;
    private readonly Tensor scales_B;

    /// <summary>Zeros.</summary>
    /// <param name="count">N, a multiple of the block.</param>
    /// <param name="signed">Whether numbers have signs: first moments; else second ones.</param>
    /// <param name="device">Where they lie.</param>
    public BlockInt8Store(long count, bool signed, Device device)
    {
        this.signed = signed;
        cut = MantissaOfFloat32 - (signed ? 3 : 4);
        codes = signed ? sbyte.MaxValue : byte.MaxValue;
        least = BitConverter.Int32BitsToSingle(One - ((codes - 1) << cut));
        codes_N = Zeros(count, signed ? ScalarType.Int8 : ScalarType.Byte, device);
        scales_B = Zeros(count / Block, ScalarType.Float32, device);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<StoredPart> Parts => [new("codes", codes_N), new("scales", scales_B, Block)];

    /// <inheritdoc/>
    public override Tensor Read(long start, long count)
    {
        using var scope = NewDisposeScope();
        var codes_n = codes_N.narrow(0, start, count).to_type(ScalarType.Int32);
        var sizes_n = signed ? codes_n.abs() : codes_n;
        var bits_n = sizes_n.Plus((One >> cut) - codes).Shifted_(cut);
        var shares_n = Aten.BitsOf(bits_n, ScalarType.Float32).mul(codes_n.sign());
        return Scaled(shares_n, start).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override void Write(long start, Tensor numbers_n, Rounding rounding)
    {
        using var scope = NewDisposeScope();
        var blocks_BS = numbers_n.view(-1, Block);
        var largest_B = blocks_BS.abs().amax([1]);
        scales_B.narrow(0, start / Block, largest_B.shape[0]).copy_(largest_B);
        // A block of zeros is divided by one.
        var divisors_B1 = largest_B.Plus(largest_B.eq(zeros_like(largest_B)).to_type(ScalarType.Float32)).unsqueeze(1);
        var shares_n = blocks_BS.abs().div_(divisors_B1).flatten();
        var codes_n = CodesOf(Kept(shares_n, rounding), rounding);
        codes_N.narrow(0, start, numbers_n.shape[0]).copy_(signed ? codes_n.mul_(numbers_n.sign().to_type(ScalarType.Int32)) : codes_n);
    }

    // Shares below the least code: that or zero at random; of second moments the least.
    private Tensor Kept(Tensor shares_n, Rounding rounding)
    {
        using var scope = NewDisposeScope();
        var kept_n = signed ? rounding.ZeroOr(least, shares_n) : shares_n.sign().Times_(least);
        return shares_n.where(shares_n.ge(tensor(least)), kept_n).MoveToOuterDisposeScope();
    }

    private Tensor CodesOf(Tensor shares_n, Rounding rounding)
    {
        using var scope = NewDisposeScope();
        // Of a zero what is left is far below nothing.
        var codes_n = rounding.Added(Aten.BitsOf(shares_n, ScalarType.Int32), cut).Shifted_(-cut).Plus(codes - (One >> cut));
        return codes_n.maximum(zeros_like(codes_n)).MoveToOuterDisposeScope();
    }

    private Tensor Scaled(Tensor shares_n, long start)
    {
        var scales_B1 = scales_B.narrow(0, start / Block, shares_n.shape[0] / Block).unsqueeze(1);
        return shares_n.view(-1, Block).mul_(scales_B1).flatten();
    }
}
