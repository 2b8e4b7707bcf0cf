using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Orca.Model.Weights;

/// <summary>What reading a weight's bytes has shown.</summary>
/// <param name="Hash">XXH128 over those of its chunks: tells whether other bytes are the same, not who wrote them.</param>
/// <param name="NonFinite">Values that are infinite or not a number.</param>
internal readonly record struct PartFacts(UInt128 Hash, long NonFinite);

/// <summary>Gathers the facts of a weight from its chunks, which may come in any order and from several threads.</summary>
/// <param name="dtype">Name of the stored type; empty for bytes that are no weight's.</param>
/// <param name="bytes">Bytes of the whole weight.</param>
internal sealed class PartDigest(string dtype, long bytes)
{
    /// <summary>Less than a MiB, which stays in a core's second-level cache while it is looked at; whole blocks of every format.</summary>
    public const int ChunkBytes = NonFiniteScan.WholeBytes;

    private readonly UInt128[] hashes = new UInt128[(bytes + ChunkBytes - 1) / ChunkBytes];
    private long nonFinite;

    /// <summary>Chunks of the weight.</summary>
    public int Chunks => hashes.Length;

    /// <summary>Bytes of a chunk, fewer in the last.</summary>
    public int BytesOf(int chunk) => (int)Math.Min(bytes - ((long)chunk * ChunkBytes), ChunkBytes);

    /// <summary>Takes in a chunk.</summary>
    public void Add(int chunk, ReadOnlySpan<byte> content)
    {
        hashes[chunk] = XxHash128.HashToUInt128(content);
        Interlocked.Add(ref nonFinite, NonFiniteScan.Count(dtype, content));
    }

    /// <summary>The facts, once every chunk is in.</summary>
    public PartFacts ToFacts() => new(XxHash128.HashToUInt128(MemoryMarshal.AsBytes(hashes.AsSpan())), nonFinite);
}
