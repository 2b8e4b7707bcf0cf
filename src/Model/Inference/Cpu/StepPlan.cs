using Orca.Model.Inference.Cpu.Machine;
using Orca.Model.Network;

namespace Orca.Model.Inference.Cpu;

/// <summary>A step's rows, flattened into memory that work on any thread can read. Kept from step to step.</summary>
internal sealed unsafe class StepPlan : IDisposable
{
    private NativeBuffer memory = new(0);

    /// <summary>Tokens, rows and blocks.</summary>
    public StepTokens Tokens { get; private set; }

    /// <summary>Id of each token.</summary>
    public int* TokenIds { get; private set; }

    /// <summary>First part of attention of each row, and <see cref="AttentionParts"/>.</summary>
    public int* FirstParts { get; private set; }

    public int AttentionParts { get; private set; }

    /// <summary>Tokens that give logits.</summary>
    public int* LogitTokens { get; private set; }

    public int LogitCount { get; private set; }

    /// <summary>Every position is below this.</summary>
    public int Reach { get; private set; }

    /// <summary>Takes a step in.</summary>
    /// <exception cref="ArgumentException">A row is empty, names a token or block that is none, or has too few blocks.</exception>
    public void Read(ReadOnlySpan<InferenceRow> rows, LlamaConfig config, int blocks)
    {
        var (tokenCount, blockCount) = Check(rows, config, blocks);
        Lay(tokenCount, rows.Length, blockCount);
        var tokens = Tokens;
        int token = 0, block = 0;
        (LogitCount, Reach, AttentionParts) = (0, 0, 0);
        for (var r = 0; r < rows.Length; r++)
        {
            var row = rows[r];
            var length = row.Tokens.Length;
            (tokens.FirstTokens[r], tokens.FirstBlocks[r], FirstParts[r]) = (token, block, AttentionParts);
            row.Blocks.Span.CopyTo(new Span<int>(tokens.Blocks + block, row.Blocks.Length));
            row.Tokens.Span.CopyTo(new Span<int>(TokenIds + token, length));
            for (var i = 0; i < length; i++)
            {
                (tokens.Positions[token + i], tokens.Rows[token + i]) = (row.Start + i, r);
            }

            for (var i = length - row.LogitCount; i < length; i++)
            {
                LogitTokens[LogitCount++] = token + i;
            }

            token += length;
            block += row.Blocks.Length;
            AttentionParts += Attention.PartsOf(length, config.Heads, config.KvHeads);
            Reach = Math.Max(Reach, row.Start + length);
        }

        (tokens.FirstTokens[rows.Length], FirstParts[rows.Length]) = (token, AttentionParts);
    }

    /// <inheritdoc/>
    public void Dispose() => memory.Dispose();

    private static (int Tokens, int Blocks) Check(ReadOnlySpan<InferenceRow> rows, LlamaConfig config, int blocks)
    {
        var (tokenCount, blockCount) = (0, 0);
        foreach (var row in rows)
        {
            var end = row.Start + row.Tokens.Length;
            if (row.Tokens.IsEmpty || row.Start < 0 || row.Blocks.Length * CpuKeyValueStore.Tokens < end)
            {
                throw new ArgumentException(
                    $"A row of {row.Tokens.Length} tokens from position {row.Start} has {row.Blocks.Length} blocks of "
                        + $"{CpuKeyValueStore.Tokens}.",
                    nameof(rows));
            }

            if (row.Tokens.Span.ContainsAnyExceptInRange(0, config.VocabularySize - 1) || row.Blocks.Span.ContainsAnyExceptInRange(0, blocks - 1))
            {
                throw new ArgumentException(
                    $"A row names a token beyond {config.VocabularySize}, or a block beyond {blocks}.", nameof(rows));
            }

            tokenCount += row.Tokens.Length;
            blockCount += row.Blocks.Length;
        }

        return (tokenCount, blockCount);
    }

    private void Lay(int tokens, int rows, int blocks)
    {
        var needed = ((4L * tokens) + (3L * (rows + 1)) + blocks) * sizeof(int);
        if (needed > memory.Bytes)
        {
            // First the new one: where it is refused, the old one still serves smaller steps.
            var larger = new NativeBuffer(2 * needed);
            memory.Dispose();
            memory = larger;
        }

        var next = (int*)memory.Data;
        TokenIds = Take(tokens);
        LogitTokens = Take(tokens);
        FirstParts = Take(rows + 1);
        Tokens = new StepTokens
        {
            Count = tokens,
            RowCount = rows,
            Positions = Take(tokens),
            Rows = Take(tokens),
            FirstTokens = Take(rows + 1),
            FirstBlocks = Take(rows + 1),
            Blocks = Take(blocks),
        };

        int* Take(int count)
        {
            var place = next;
            next += count;
            return place;
        }
    }
}
