using Orca.Streams.Tasks.Files;

namespace Orca.Streams.Tasks.Indexing;

/// <summary>What is kept of each row while an index is made: its task, and by what its twins are found.</summary>
/// <param name="Task">Number of its task; -1 for a row that is left out.</param>
/// <param name="IsAnswered">Whether it has an answer.</param>
/// <param name="Key">Of the same question the same.</param>
internal readonly record struct RowFact(int Task, bool IsAnswered, ulong Key);

/// <summary>The facts of all rows, in order.</summary>
internal sealed class RowFacts(Spool spool)
{
    private const int Bytes = 13;
    private const int ReadAtOnce = 1 << 16;

    /// <summary>How many there are.</summary>
    public long Count => spool.Length / Bytes;

    /// <summary>Adds one behind the others.</summary>
    public void Add(RowFact fact)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        BitConverter.TryWriteBytes(bytes, fact.Task);
        bytes[4] = fact.IsAnswered ? (byte)1 : (byte)0;
        BitConverter.TryWriteBytes(bytes[5..], fact.Key);
        spool.Append(bytes);
    }

    /// <summary>All of them.</summary>
    public IEnumerable<RowFact> ReadAll()
    {
        var buffer = new byte[ReadAtOnce * Bytes];
        for (var row = 0L; row < Count; row += ReadAtOnce)
        {
            var read = spool.Read(buffer, row * Bytes) / Bytes;
            for (var index = 0; index < read; index++)
            {
                var at = index * Bytes;
                yield return new RowFact(BitConverter.ToInt32(buffer, at), buffer[at + 4] == 1, BitConverter.ToUInt64(buffer, at + 5));
            }
        }
    }
}
