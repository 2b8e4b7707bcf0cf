using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Orca.Model.Inference.Cpu.Machine;

/// <summary>
/// How fast this machine reads memory: the ceiling of decoding, which reads every weight once for each step. Measured by
/// reading a buffer far beyond any cache; does not know of several memory nodes.
/// </summary>
public static unsafe class MemoryBandwidth
{
    /// <summary>Bytes read unless told otherwise: more than most caches hold.</summary>
    public const int StandardBytes = 256 << 20;

    // Reads of other lines go on while one is awaited: about 2 KiB ahead is where more no longer helps.
    private const int Ahead = 2_048;

    private const int Stride = 512;

    private static readonly Lazy<double> Once = new(() => Measure(Environment.ProcessorCount));

    /// <summary>
    /// Bytes a second with a thread for each processor: measured once, on first use, which takes about a tenth of a second.
    /// </summary>
    public static double OfThisMachine => Once.Value;

    /// <summary>The same where somebody has measured it; else null.</summary>
    public static double? Known => Once.IsValueCreated ? Once.Value : null;

    /// <summary>Reads with some threads at once.</summary>
    /// <param name="threads">Threads, 1 to the number of processors.</param>
    /// <param name="tries">Times it is tried; the best counts, since whatever disturbs only slows it down.</param>
    /// <param name="bytes">
    /// Bytes read at each try, a multiple of 2 MiB; where a processor shares hundreds of MiB of cache, give more.
    /// </param>
    /// <returns>Bytes a second.</returns>
    public static double Measure(int threads, int tries = 6, int bytes = StandardBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(tries, 1);
        using var buffer = new NativeBuffer(bytes);

        // Written once: pages nobody has written to are one and the same page of zeros.
        new Span<byte>(buffer.Data, bytes).Fill(1);
        return Enumerable.Range(0, tries).Max(_ => bytes / Seconds(buffer.Data, bytes, threads));
    }

    private static double Seconds(byte* buffer, int bytes, int threads)
    {
        var share = bytes / threads / Stride * Stride;
        using var start = new Barrier(threads);
        var spans = new (long Begin, long End)[threads];
        var sums = new ulong[threads];
        var readers = new Thread[threads];
        for (var i = 0; i < threads; i++)
        {
            var thread = i;
            readers[i] = new Thread(() =>
            {
                start.SignalAndWait();
                var begin = TimeProvider.System.GetTimestamp();
                sums[thread] = Read(buffer + ((long)thread * share), share);
                spans[thread] = (begin, TimeProvider.System.GetTimestamp());
            });
            readers[i].Start();
        }

        foreach (var reader in readers)
        {
            reader.Join();
        }

        // Looked at, so that the reads are not left out.
        GC.KeepAlive(sums);
        return TimeProvider.System.GetElapsedTime(spans.Min(span => span.Begin), spans.Max(span => span.End)).TotalSeconds
            * bytes / ((double)share * threads);
    }

    private static ulong Read(byte* from, int bytes)
    {
        var (a, b, c, d) = (Vector512<ulong>.Zero, Vector512<ulong>.Zero, Vector512<ulong>.Zero, Vector512<ulong>.Zero);
        for (var end = from + bytes; from < end; from += Stride)
        {
            if (Sse.IsSupported)
            {
                for (var line = 0; line < Stride; line += 64)
                {
                    Sse.Prefetch0(from + Ahead + line);
                }
            }

            a ^= Vector512.LoadAligned((ulong*)from) ^ Vector512.LoadAligned((ulong*)(from + 256));
            b ^= Vector512.LoadAligned((ulong*)(from + 64)) ^ Vector512.LoadAligned((ulong*)(from + 320));
            c ^= Vector512.LoadAligned((ulong*)(from + 128)) ^ Vector512.LoadAligned((ulong*)(from + 384));
            d ^= Vector512.LoadAligned((ulong*)(from + 192)) ^ Vector512.LoadAligned((ulong*)(from + 448));
        }

        return Vector512.Sum(a ^ b ^ c ^ d);
    }
}
