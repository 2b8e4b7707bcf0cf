using System.Runtime.InteropServices;

namespace Orca.Streams.Sieves;

/// <summary>Tells the runs of words that many recent texts have in common: a task's definition, a template's fixed words.</summary>
/// <remarks>
/// A count-min sketch (Cormode and Muthukrishnan, 2005) of two rows with conservative update, 4 MB. All counts are halved after every
/// 16,384 texts, so that what is common is so among the last thirty thousand or so, and chance does not fill the sketch.
/// </remarks>
internal sealed class CommonRuns
{
    /// <summary>A run that so many texts had is common.</summary>
    public const int CommonFrom = 4;

    private const int HalvedAfter = 16_384;
    private const int SlotBits = 21;
    private const int Rows = 2;

    private readonly byte[] counts = new byte[Rows << SlotBits];
    private int texts;

    /// <summary>The counts, to be saved and restored.</summary>
    public Span<byte> Raw => counts;

    /// <summary>Texts since the last halving.</summary>
    public ref int Texts => ref texts;

    /// <summary>Moves the runs that are not common to the front.</summary>
    /// <returns>How many there are.</returns>
    public int KeepOwn(Span<ulong> runs)
    {
        var own = 0;
        foreach (var run in runs)
        {
            if (CountOf(run) < CommonFrom)
            {
                runs[own++] = run;
            }
        }

        return own;
    }

    /// <summary>Counts the runs of one text.</summary>
    public void Count(ReadOnlySpan<ulong> runs)
    {
        foreach (var run in runs)
        {
            var count = CountOf(run);
            if (count < byte.MaxValue)
            {
                ref var first = ref counts[FirstOf(run)];
                ref var second = ref counts[SecondOf(run)];
                first = Math.Max(first, (byte)(count + 1));
                second = Math.Max(second, (byte)(count + 1));
            }
        }

        if (++texts == HalvedAfter)
        {
            texts = 0;
            foreach (ref var word in MemoryMarshal.Cast<byte, ulong>(counts.AsSpan()))
            {
                word = (word >> 1) & 0x7F7F_7F7F_7F7F_7F7F;
            }
        }
    }

    private byte CountOf(ulong run) => Math.Min(counts[FirstOf(run)], counts[SecondOf(run)]);

    private static int FirstOf(ulong run) => (int)(run >> (64 - SlotBits));

    private static int SecondOf(ulong run) => (1 << SlotBits) + (int)((run >> 8) & ((1 << SlotBits) - 1));
}
