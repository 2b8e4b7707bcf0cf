using System.Collections.Concurrent;

namespace Orca.Serving.Sampling.Json;

/// <summary>
/// Which tokens may come next in each state of a grammar, worked out once for each state that is met. Shared by all answers
/// of the same form in the same language. Safe to use from several threads.
/// </summary>
internal sealed class JsonMasks(JsonGrammar grammar, VocabularyTrie vocabulary)
{
    /// <summary>States whose masks are kept: beyond, they are worked out each time.</summary>
    private const int MaxKept = 512;

    private readonly ConcurrentDictionary<string, ulong[]> kept = new(StringComparer.Ordinal);

    /// <summary>The grammar.</summary>
    public JsonGrammar Grammar => grammar;

    /// <summary>A bit for each token that may come next.</summary>
    public ulong[] Of(JsonState state)
    {
        if (kept.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(state.Key, out var known))
        {
            return known;
        }

        var scratch = new JsonState[vocabulary.MaxTokenBytes];
        for (var depth = 0; depth < scratch.Length; depth++)
        {
            scratch[depth] = new JsonState(grammar);
        }

        var mask = new ulong[(vocabulary.TokenCount + 63) / 64];
        vocabulary.Mark(state, scratch, mask);
        if (kept.Count < MaxKept)
        {
            kept.TryAdd(new string(state.Key), mask);
        }

        return mask;
    }
}
