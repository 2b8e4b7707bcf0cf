using System.Collections.Concurrent;
using Orca.Model.Tokenization;

namespace Orca.Serving.Sampling.Json;

/// <summary>
/// The bytes of all tokens as one tree, flat and in depth-first order: a walk that meets a byte that may not come skips all
/// tokens that begin so. Safe to use from several threads.
/// </summary>
internal sealed class VocabularyTrie
{
    private readonly byte[] edges;
    private readonly int[] depths;
    private readonly int[] ends;
    private readonly int[] tokens;
    private readonly int[] firstToken;
    private readonly bool[] isToken = new bool[256];
    private readonly ConcurrentBag<JsonState?[]> spare = [];

    public VocabularyTrie(ITokenizer tokenizer)
    {
        var sorted = Enumerable.Range(0, tokenizer.VocabularySize).Select(id => (Id: id, Bytes: tokenizer.BytesOf(id).ToArray()))
            .Where(token => token.Bytes.Length > 0).ToArray();
        Array.Sort(sorted, (a, b) => a.Bytes.AsSpan().SequenceCompareTo(b.Bytes));
        tokens = [.. sorted.Select(token => token.Id)];
        var (bytes, levels, counts) = (new List<byte>(), new List<int>(), new List<int>());
        var path = new List<int>();
        byte[] previous = [];
        foreach (var (_, text) in sorted)
        {
            path.RemoveRange(text.AsSpan().CommonPrefixLength(previous), path.Count - text.AsSpan().CommonPrefixLength(previous));
            while (path.Count < text.Length)
            {
                bytes.Add(text[path.Count]);
                levels.Add(path.Count);
                path.Add(counts.Count);
                counts.Add(0);
            }

            counts[path[^1]]++;
            (previous, MaxTokenBytes) = (text, Math.Max(MaxTokenBytes, text.Length));
            isToken[text[0]] |= text.Length == 1;
        }

        (edges, depths) = ([.. bytes], [.. levels]);
        firstToken = FirstTokens(counts);
        ends = Ends(depths);
        TokenCount = tokenizer.VocabularySize;
    }

    /// <summary>Token ids in all, those without bytes included.</summary>
    public int TokenCount { get; }

    /// <summary>Bytes of the longest token.</summary>
    public int MaxTokenBytes { get; }

    /// <summary>Whether a token is this byte alone.</summary>
    public bool HasToken(byte value) => isToken[value];

    /// <summary>Sets the bit of every token all of whose bytes may come next.</summary>
    /// <param name="from">Where the text stands.</param>
    /// <param name="allowed">A bit for each token.</param>
    public void Mark(JsonState from, ulong[] allowed)
    {
        // One state for each byte of the longest token.
        var scratch = spare.TryTake(out var taken) ? taken : new JsonState?[MaxTokenBytes];
        for (var i = 0; i < edges.Length;)
        {
            var state = scratch[depths[i]] ??= new JsonState(JsonGrammar.AnyObject);
            state.CopyFrom(depths[i] == 0 ? from : scratch[depths[i] - 1]!);
            if (!state.TryAdvance(edges[i]))
            {
                i = ends[i];
                continue;
            }

            for (var t = firstToken[i]; t < firstToken[i + 1]; t++)
            {
                allowed[tokens[t] >> 6] |= 1UL << tokens[t];
            }

            i++;
        }

        spare.Add(scratch);
    }

    /// <summary>
    /// For each node where the tokens that end there begin: depth-first order is the sorted order, so those of the nodes lie one
    /// after the other.
    /// </summary>
    private static int[] FirstTokens(List<int> counts)
    {
        var first = new int[counts.Count + 1];
        for (var i = 0; i < counts.Count; i++)
        {
            first[i + 1] = first[i] + counts[i];
        }

        return first;
    }

    /// <summary>For each node the one after all that begin with it.</summary>
    private static int[] Ends(int[] depths)
    {
        var ends = new int[depths.Length];
        var open = new Stack<int>();
        for (var i = 0; i <= depths.Length; i++)
        {
            while (open.TryPeek(out var last) && (i == depths.Length || depths[i] <= depths[last]))
            {
                ends[open.Pop()] = i;
            }

            open.Push(i);
        }

        return ends;
    }
}
