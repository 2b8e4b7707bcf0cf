using System.Collections.Concurrent;
using Orca.Model.Inference;
using Orca.Model.Network;

namespace Orca.Serving.Tests.Students;

/// <summary>
/// A model whose answer depends on every key and value it sees: on which token stands at which position, and on whose
/// weights computed it. A block that is stale, lost, shared wrongly or another's gives another answer, which
/// <see cref="Next"/> does not give.
/// </summary>
internal sealed class TracingModel(ulong weights, int blockTokens) : IInferenceModel
{
    private static readonly LlamaConfig Shape = ToyStudent.Config;

    /// <summary>The threads that ran or freed it.</summary>
    public ConcurrentDictionary<int, bool> Threads { get; } = new();

    /// <summary>Called before each step with its rows.</summary>
    public Action<int, int>? Running { get; set; }

    /// <summary>Thrown instead of making a store; null: it makes one.</summary>
    public Exception? StoreFault { get; init; }

    public LlamaConfig Config => Shape;

    public long WeightBytes => 8;

    public long StepBytes => 8;

    public long CacheBytesPerToken => sizeof(ulong);

    public bool IsDisposed { get; private set; }

    /// <summary>The token a sequence goes on with, whose every token was computed by some weights.</summary>
    public static int Next(ReadOnlySpan<int> tokens, Func<int, ulong> weightsOf, ulong own)
    {
        var digest = 0UL;
        for (var position = 0; position < tokens.Length; position++)
        {
            digest = Mix(digest ^ Cell(tokens[position], position, weightsOf(position)));
        }

        return Choose(digest, own);
    }

    /// <summary>An answer of one version alone.</summary>
    public static int[] Answer(IEnumerable<int> prompt, int count, ulong weights)
    {
        var tokens = prompt.ToList();
        for (var i = 0; i < count; i++)
        {
            tokens.Add(Next(tokens.ToArray(), _ => weights, weights));
        }

        return [.. tokens[^count..]];
    }

    public int BlockTokens(int contextTokens) => Math.Min(blockTokens, contextTokens);

    public IKeyValueStore CreateStore(int blocks, int tokens) => StoreFault is null ? new Store(blocks, tokens) : throw StoreFault;

    public bool CanUse(IKeyValueStore store) => store is Store && StoreFault is null;

    public void Run(IKeyValueStore store, ReadOnlySpan<InferenceRow> rows, Span<float> logits_RV)
    {
        Assert.False(IsDisposed, "a step runs on weights that are freed");
        Threads[Environment.CurrentManagedThreadId] = true;
        var tokens = 0;
        foreach (var row in rows)
        {
            tokens += row.Tokens.Length;
        }

        Running?.Invoke(rows.Length, tokens);
        foreach (var row in rows)
        {
            Write((Store)store, row, rows);
        }

        var next = 0;
        foreach (var row in rows)
        {
            for (var t = row.Tokens.Length - row.LogitCount; t < row.Tokens.Length; t++, next++)
            {
                var logits_V = logits_RV.Slice(next * Shape.VocabularySize, Shape.VocabularySize);
                logits_V.Clear();
                logits_V[Choose(((Store)store).Digest(row.Blocks.Span, row.Start + t + 1), weights)] = 20;
            }
        }
    }

    public void Dispose()
    {
        Threads[Environment.CurrentManagedThreadId] = true;
        IsDisposed = true;
    }

    private void Write(Store store, InferenceRow row, ReadOnlySpan<InferenceRow> rows)
    {
        for (var t = 0; t < row.Tokens.Length; t++)
        {
            var (block, offset) = store.Place(row.Blocks.Span, row.Start + t);
            var users = 0;
            foreach (var other in rows)
            {
                users += other.Blocks.Span.Contains(block) ? 1 : 0;
            }

            Assert.Equal(1, users);
            store[block, offset] = Cell(row.Tokens.Span[t], row.Start + t, weights);
        }
    }

    // Bytes alone: no end token.
    private static int Choose(ulong digest, ulong own) => (int)(Mix(digest ^ own) % 256);

    private static ulong Cell(int token, int position, ulong weights) => Mix(Mix(((ulong)token << 32) + (ulong)position) ^ weights);

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return (z ^ (z >> 31)) + 0x9E3779B97F4A7C15;
    }

    private sealed class Store(int blocks, int tokens) : IKeyValueStore
    {
        private readonly ulong[] cells = new ulong[blocks * tokens];

        public int Blocks => blocks;

        public int BlockTokens => tokens;

        public long Bytes => cells.Length * sizeof(ulong);

        public ulong this[int block, int offset]
        {
            set => cells[(block * tokens) + offset] = value;
        }

        public (int Block, int Offset) Place(ReadOnlySpan<int> table, int position) => (table[position / tokens], position % tokens);

        public ulong Digest(ReadOnlySpan<int> table, int count)
        {
            var digest = 0UL;
            for (var position = 0; position < count; position++)
            {
                var (block, offset) = Place(table, position);
                digest = Mix(digest ^ cells[(block * tokens) + offset]);
            }

            return digest;
        }

        public void Copy(int from, int to, int count) =>
            cells.AsSpan(from * tokens, count).CopyTo(cells.AsSpan(to * tokens, count));

        public void Clear(int block) => cells.AsSpan(block * tokens, tokens).Clear();

        public void Dispose() => Array.Clear(cells);
    }
}
