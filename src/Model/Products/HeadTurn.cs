using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Orca.Model.Inference.Cpu.Machine;

namespace Orca.Model.Products;

// N tokens, H heads of D values.

/// <summary>
/// Rotary positions in one pass over memory: of every head, value i turns with value i + D/2. Turning a slope back is turning it the other
/// way.
/// </summary>
internal unsafe struct HeadTurn : IParallelWork
{
    private const int TokensOfPart = 32;

    /// <summary>[N, H, D].</summary>
    public float* From;

    /// <summary>[N, H, D].</summary>
    public float* To;

    /// <summary>[N, D], the second half like the first.</summary>
    public float* Cosines;

    /// <summary>[N, D], the first half the negative of the second.</summary>
    public float* Sines;

    public int Tokens;
    public int Heads;
    public int HeadDim;

    /// <summary>Whether it turns back.</summary>
    public bool IsBack;

    public readonly int Parts => (Tokens + TokensOfPart - 1) / TokensOfPart;

    /// <inheritdoc/>
    public readonly void Do(int part, int worker)
    {
        for (var token = part * TokensOfPart; token < Math.Min(Tokens, (part + 1) * TokensOfPart); token++)
        {
            for (var head = 0; head < Heads; head++)
            {
                Turn(((long)token * Heads) + head, token);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Turn(long head, int token)
    {
        var half = HeadDim / 2;
        var from = From + (head * HeadDim);
        var to = To + (head * HeadDim);
        var cosines = Cosines + ((long)token * HeadDim);
        var sines = Sines + ((long)token * HeadDim) + half;
        for (var i = 0; i < half; i += Vector512<float>.Count)
        {
            var count = Math.Min(Vector512<float>.Count, half - i);
            var (first, second) = (PartVector.Load(from + i, count), PartVector.Load(from + half + i, count));
            var (cosine, sine) = (PartVector.Load(cosines + i, count), PartVector.Load(sines + i, count));
            sine = IsBack ? -sine : sine;
            PartVector.Store((first * cosine) - (second * sine), to + i, count);
            PartVector.Store((second * cosine) + (first * sine), to + half + i, count);
        }
    }
}
