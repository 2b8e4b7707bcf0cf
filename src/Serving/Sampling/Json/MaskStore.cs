namespace Orca.Serving.Sampling.Json;

/// <summary>
/// The masks of one language: bounded for each grammar and, with the grammars, in all. What was used longest ago goes first, of the
/// grammar that was used longest ago. Safe to use from several threads.
/// </summary>
/// <param name="vocabulary">The language's tokens.</param>
/// <param name="maxBytes">Bytes of all masks and their grammars at most.</param>
/// <param name="maxBytesOfGrammar">Bytes of one grammar's masks at most.</param>
internal sealed class MaskStore(
    VocabularyTrie vocabulary, long maxBytes = MaskStore.MostBytes, long maxBytesOfGrammar = MaskStore.MostBytesOfGrammar)
{
    private const long MostBytes = 64 << 20;
    private const long MostBytesOfGrammar = 8 << 20;

    /// <summary>
    /// Bytes that a mask takes beside its bits and its key: headers, a node of the list, an entry of the table. Of a small
    /// vocabulary most of it.
    /// </summary>
    public const int EntryBytes = 224;

    // What a grammar's masks take before there is one: their table and list.
    private const int MasksBytes = 512;

    private readonly Lock gate = new();
    private readonly LeastRecentlyUsed<JsonGrammar, JsonMasks> grammars = new(ReferenceEqualityComparer.Instance);
    private long bytesOfMasks;

    /// <summary>Bytes of all masks and their grammars.</summary>
    public long Bytes
    {
        get
        {
            lock (gate)
            {
                return bytesOfMasks + grammars.Weight;
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
            grammars.Add(grammar, masks, grammar.Bytes + MasksBytes);
            Shrink();
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

            bytesOfMasks += masks.Kept.Weight - before;
            Shrink();
        }
    }

    // The last grammar stays whatever it takes: someone is about to use it.
    private void Shrink()
    {
        while (bytesOfMasks + grammars.Weight > maxBytes && grammars.Oldest() is var oldest && (oldest.Kept.Count > 0 || grammars.Count > 1))
        {
            if (oldest.Kept.Count == 0)
            {
                grammars.RemoveOldest();
                continue;
            }

            var before = oldest.Kept.Weight;
            oldest.Kept.RemoveOldest();
            bytesOfMasks += oldest.Kept.Weight - before;
        }
    }
}
