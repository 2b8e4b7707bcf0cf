namespace Orca.Serving.Sampling.Json;

/// <summary>
/// Which tokens may come next in each state of a grammar, worked out when a state is met first. Shared by all answers of the same
/// form in the same language. Safe to use from several threads.
/// </summary>
internal sealed class JsonMasks(JsonGrammar grammar, VocabularyTrie vocabulary, MaskStore store)
{
    private readonly LeastRecentlyUsed<string, ulong[]> kept = new(StringComparer.Ordinal);

    /// <summary>The grammar.</summary>
    public JsonGrammar Grammar => grammar;

    /// <summary>Bytes that its masks take. For the store, under its lock.</summary>
    internal LeastRecentlyUsed<string, ulong[]> Kept => kept;

    /// <summary>A bit for each token that may come next; null where it is not worked out.</summary>
    public ulong[]? Find(JsonState state) => store.Find(this, state.KeyWithin(vocabulary.MaxTokenBytes));

    /// <summary>A bit for each token that may come next. Takes milliseconds where it is not worked out.</summary>
    public ulong[] Make(JsonState state)
    {
        if (Find(state) is { } known)
        {
            return known;
        }

        var mask = new ulong[(vocabulary.TokenCount + 63) / 64];
        vocabulary.Mark(state, mask);
        store.Keep(this, new string(state.KeyWithin(vocabulary.MaxTokenBytes)), mask);
        return mask;
    }
}
