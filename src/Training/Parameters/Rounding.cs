using Orca.Model.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Parameters;

// n numbers of a run.

/// <summary>
/// Rounds by adding to a number's bits, before those behind the kept places are cut off: half a step, to the nearest, or a random part of
/// a step, so that the mean of many roundings is the number itself.
/// </summary>
/// <remarks>
/// What is added depends on the seed, the step and the call within the step alone: a run that goes on adds what the uninterrupted one
/// would have. Owned by the trainer's thread.
/// </remarks>
public sealed class Rounding : IDisposable
{
    private const int Bits = 31;
    private const ulong Golden = 0x9E37_79B9_7F4A_7C15;

    private readonly ulong seed;
    private readonly Device device;
    private Tensor? random_N;
    private ulong step;
    private ulong call;

    /// <summary>Random rounding.</summary>
    /// <param name="seed">Runs of the same seed round alike.</param>
    /// <param name="device">Where the numbers lie.</param>
    public Rounding(long seed, Device device) => (this.seed, this.device) = ((ulong)seed, device);

    private Rounding()
        : this(0, CPU) => IsNearest = true;

    /// <summary>Rounds to the nearest, the upper one of two.</summary>
    public static Rounding Nearest { get; } = new();

    private bool IsNearest { get; }

    /// <summary>What follows belongs to a step.</summary>
    public void Begin(long step) => (this.step, call) = ((ulong)step, 0);

    /// <summary>Bits with what rounds them added: cut off the last places after it.</summary>
    /// <param name="bits_n">[n] int32, not negative but for a sign in the first place.</param>
    /// <param name="places">Places that are cut off, 1 to 24.</param>
    /// <returns>[n] int32; the caller's scope owns it.</returns>
    public Tensor Added(Tensor bits_n, int places) => IsNearest
        ? bits_n.Plus(1 << (places - 1))
        : Drawn(bits_n.shape[0]).Shifted_(places - Bits).Plus_(bits_n);

    /// <summary>Zero or the least number that is kept, for numbers from zero to that.</summary>
    /// <param name="least">That number, above 0.</param>
    /// <param name="numbers_n">[n] float32.</param>
    /// <returns>[n] float32; the caller's scope owns it.</returns>
    public Tensor ZeroOr(double least, Tensor numbers_n)
    {
        using var scope = NewDisposeScope();
        var limits_n = IsNearest
            ? empty_like(numbers_n).Filled_(least / 2)
            : Drawn(numbers_n.shape[0]).to_type(ScalarType.Float32).Times_(least / (1L << Bits));
        return limits_n.lt(numbers_n).to_type(ScalarType.Float32).Times_(least).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => random_N?.Dispose();

    // [n] int32 of 31 random bits each; the caller's scope owns it.
    private Tensor Drawn(long count)
    {
        using var scope = NewDisposeScope();
        var key = Mixed(Mixed(seed + (Golden * (step + 1))) + call++);
        if (random_N is null || random_N.shape[0] < count)
        {
            random_N?.Dispose();
            random_N = Random(count).DetachFromDisposeScope();
        }

        // Random numbers that are the same in every draw, mixed with one that is not: uniform over the draws, and two places agree no
        // longer than by chance.
        return random_N.narrow(0, 0, count).bitwise_xor(Constant((int)key))
            .mul_(Constant((int)(key >> 32) | 1)).bitwise_and_(Constant(int.MaxValue)).MoveToOuterDisposeScope();
    }

    private Tensor Random(long count)
    {
        var numbers = new int[count];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = (int)Mixed((ulong)i);
        }

        return tensor(numbers, device: device);
    }

    // A tensor without dimensions goes with tensors of any device.
    private static Tensor Constant(int value) => tensor(value, ScalarType.Int32);

    // The finalizer of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
    private static ulong Mixed(ulong x)
    {
        x += Golden;
        x = (x ^ (x >> 30)) * 0xBF58_476D_1CE4_E5B9;
        x = (x ^ (x >> 27)) * 0x94D0_49BB_1331_11EB;
        return x ^ (x >> 31);
    }
}
