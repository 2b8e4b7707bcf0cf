namespace Orca.Serving.Sampling.Json;

/// <summary>
/// The masks of one language: bounded for each grammar and in all. What was used longest ago goes first, of the grammar that was
/// used longest ago. Safe to use from several threads.
/// </summary>
/// <param name="vocabulary">The language's tokens.</param>
/// <param name="maxBytes">Bytes of all masks at most.</param>
/// <param name="maxBytesOfGrammar">Bytes of one grammar's masks at most.</param>
internal sealed class MaskStore(VocabularyTrie vocabulary, long maxBytes = MaskStore.MostBytes, long maxBytesOfGrammar = MaskStore.MostBytesOfGrammar)
{
    private const long MostBytes = 64 << 20;
    private const long MostBytesOfGrammar = 8 << 20;

    /// <summary>Bytes that a mask takes beside its bits and its key: headers, a node of the list, an entry of the table. Of a small vocabulary most of it.</summary>
    public const int EntryBytes = 224;

    // Grammars whose masks are all gone weigh little, but are not kept for ever.
    private const int MostGrammars = 1_024;

    private readonly Lock gate = new();
    private readonly LeastRecentlyUsed<JsonGrammar, JsonMasks> grammars = new(ReferenceEqualityComparer.Instance);
    private long bytes;

    /// <summary>Bytes of all masks.</summary>
    public long Bytes
    {
        get
        {
            lock (gate)
            {
                return bytes;
            }
        }
    }

    /// <summary>The masks of a grammar.</summary>
    public JsonMasks Of(JsonGrammar grammar)
    {
        lock (gate)
        {
            if (grammars.TryUse(grammar, out var known))
            {
                return known!;
            }

            var masks = new JsonMasks(grammar, vocabulary, this);
            grammars.Add(grammar, masks, 1);
            while (grammars.Count > MostGrammars)
            {
                bytes -= grammars.Oldest().Kept.Weight;
                grammars.RemoveOldest();
            }

            return masks;
        }
    }

    /// <summary>A mask that is kept.</summary>
    public ulong[]? Find(JsonMasks masks, ReadOnlySpan<char> key)
    {
        lock (gate)
        {
            grammars.TryUse(masks.Grammar, out _);
            return masks.Kept.TryUse(key, out var mask) ? mask : null;
        }
    }

    /// <summary>Keeps a mask.</summary>
    public void Keep(JsonMasks masks, string key, ulong[] mask)
    {
        lock (gate)
        {
            if (!grammars.TryUse(masks.Grammar, out var current) || current != masks)
            {
                return; // Its grammar has gone meanwhile.
            }

            var before = masks.Kept.Weight;
            masks.Kept.Add(key, mask, (sizeof(ulong) * (long)mask.Length) + (sizeof(char) * (long)key.Length) + EntryBytes);
            while (masks.Kept.Weight > maxBytesOfGrammar)
            {
                masks.Kept.RemoveOldest();
            }

            bytes += masks.Kept.Weight - before;
            while (bytes > maxBytes)
            {
                Shrink();
            }
        }
    }

    private void Shrink()
    {
        var oldest = grammars.Oldest().Kept;
        if (oldest.Count == 0)
        {
            grammars.RemoveOldest();
            return;
        }

        var before = oldest.Weight;
        oldest.RemoveOldest();
        bytes += oldest.Weight - before;
    }
}
