using System.Runtime.InteropServices;

namespace Orca.Streams.Sieves;

/// <summary>Finds the entries whose text, or a part of it, has a hash, of which nearly all 64 bits count.</summary>
internal sealed class WholeTable(int capacity)
{
    private readonly BandTable table = new(capacity);
    private readonly uint[] rest = new uint[capacity];

    /// <summary>Bytes of its arrays.</summary>
    public long Bytes => table.Bytes + (rest.LongLength * sizeof(uint));

    /// <summary>Adds an entry, its number from 0; a hash of 0 is none.</summary>
    public void Add(ulong hash, int entry)
    {
        rest[entry] = (uint)hash;
        if (hash != 0)
        {
            table.Add((uint)(hash >> 32), entry);
        }
    }

    /// <summary>Writes the entries that have a hash, the newest first.</summary>
    /// <returns>How many.</returns>
    public int Find(ulong hash, Span<int> entries)
    {
        var count = 0;
        if (hash != 0)
        {
            foreach (var entry in entries[..table.Find((uint)(hash >> 32), entries)])
            {
                if (rest[entry] == (uint)hash)
                {
                    entries[count++] = entry;
                }
            }
        }

        return count;
    }

    /// <summary>Shows its arrays, of which so many entries are in use.</summary>
    public void Visit(SpanVisitor visit, int entries)
    {
        visit(MemoryMarshal.AsBytes(rest.AsSpan(0, entries)));
        visit(table.Raw);
    }
}
