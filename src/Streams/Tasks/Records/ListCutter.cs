using System.Buffers;
using Orca.Streams.Tasks.Files;

namespace Orca.Streams.Tasks.Records;

/// <summary>Cuts a JSON list into its elements by nothing but brackets and quotes; what is within is left to the parser.</summary>
/// <remarks>
/// An element over <see cref="RecordBatch.MaxBytes"/> ends the list: a bracket or a quote is missing in it, and nobody can tell where the
/// next begins.
/// </remarks>
internal static class ListCutter
{
    private const int BatchBytes = 1 << 20;
    private static readonly SearchValues<byte> Marks = SearchValues.Create("[]{},\""u8);

    /// <summary>Whether a text is one list: its first sign is a bracket.</summary>
    public static bool IsList(PlainFile text)
    {
        Span<byte> head = stackalloc byte[256];
        head = head[..text.Read(head, 0)];
        if (head.StartsWith("\uFEFF"u8))
        {
            head = head[3..];
        }

        return head.TrimStart(" \t\r\n"u8) is [(byte)'[', ..];
    }

    /// <summary>The elements in batches of about a mebibyte.</summary>
    public static IEnumerable<RecordBatch> Cut(PlainFile text)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BatchBytes);
        var (filled, offset) = (0, 0L);
        var state = new State { Line = 1 };
        while (true)
        {
            var read = text.Read(buffer.AsSpan(filled), offset + filled);
            var isEnd = read < buffer.Length - filled;
            filled += read;
            var batch = new RecordBatch(buffer, offset);
            Cut(batch, filled, ref state);
            var kept = state.Begin >= 0 && !state.IsOver ? state.Begin : filled;
            var isTooLong = filled - kept > RecordBatch.MaxBytes;
            if (isEnd || isTooLong)
            {
                if (isTooLong)
                {
                    batch.Faults.Add((state.BeginLine, $"The list's element that begins here is over {RecordBatch.MaxBytes >> 20} MiB: a "
                        + "bracket or a quotation mark is missing in it; nothing that follows is read."));
                }
                else if (kept < filled)
                {
                    // The file's end has cut it.
                    batch.Records.Add(new RecordSpan(kept, filled - kept, state.BeginLine));
                }
                else if (!state.IsOver)
                {
                    batch.Faults.Add((state.Line, "The list is not closed: the file is cut."));
                }

                yield return batch;
                yield break;
            }

            var next = ArrayPool<byte>.Shared.Rent(Math.Max(BatchBytes, 2 * (filled - kept)));
            buffer.AsSpan(kept, filled - kept).CopyTo(next);
            state.At = filled - kept;
            state.Begin = state.Begin >= 0 ? 0 : -1;
            yield return batch;
            if (state.IsOver)
            {
                ArrayPool<byte>.Shared.Return(next);
                yield break;
            }

            (buffer, filled, offset) = (next, filled - kept, offset + kept);
        }
    }

    private static void Cut(RecordBatch batch, int filled, ref State state)
    {
        ReadOnlySpan<byte> bytes = batch.Buffer.AsSpan(0, filled);
        if (batch.Offset == 0 && state.At == 0 && bytes.StartsWith("\uFEFF"u8))
        {
            state.At = 3;
        }

        while (state.At < filled && !state.IsOver)
        {
            if (state.InText)
            {
                Skip(bytes, ref state);
                continue;
            }

            var mark = bytes[state.At..].IndexOfAny(Marks);
            var at = mark < 0 ? filled : state.At + mark;
            Begin(bytes, at, ref state);
            if (at == filled)
            {
                state.At = filled;
                return;
            }

            Follow(batch, bytes, at, ref state);
            state.At = at + 1;
        }

        // What stands behind the list, each line by itself: nothing is left out without being named.
        if (state.IsOver && bytes[state.At..filled].IndexOfAnyExcept(" \t\r\n"u8) is >= 0 and var rest)
        {
            batch.Faults.Add((state.Line, "Something follows behind the list; expected the file's end."));
            state.At += rest;
        }
    }

    // The text's beginning has been passed.
    private static void Skip(ReadOnlySpan<byte> bytes, ref State state)
    {
        while (state.At < bytes.Length)
        {
            if (state.AfterBackslash)
            {
                state.AfterBackslash = false;
                state.At++;
                continue;
            }

            var next = bytes[state.At..].IndexOfAny((byte)'"', (byte)'\\');
            if (next < 0)
            {
                state.Line += bytes[state.At..].Count((byte)'\n');
                state.At = bytes.Length;
                return;
            }

            state.Line += bytes.Slice(state.At, next).Count((byte)'\n');
            state.At += next + 1;
            state.AfterBackslash = bytes[state.At - 1] == '\\';
            if (!state.AfterBackslash)
            {
                state.InText = false;
                return;
            }
        }
    }

    // An element begins at the first sign that is no blank, after the list's bracket or a comma.
    private static void Begin(ReadOnlySpan<byte> bytes, int at, ref State state)
    {
        var between = bytes[state.At..at];
        var first = state is { Depth: 1, Begin: < 0 } ? between.IndexOfAnyExcept(" \t\r\n"u8) : -1;
        if (first >= 0)
        {
            state.Begin = state.At + first;
            state.BeginLine = state.Line + between[..first].Count((byte)'\n');
        }

        state.Line += between.Count((byte)'\n');
    }

    private static void Follow(RecordBatch batch, ReadOnlySpan<byte> bytes, int at, ref State state)
    {
        var mark = bytes[at];
        if (state.Depth == 1 && (mark is (byte)',' or (byte)']'))
        {
            if (state.Begin >= 0)
            {
                batch.Records.Add(new RecordSpan(state.Begin, at - state.Begin, state.BeginLine));
            }

            state.Begin = -1;
            state.IsOver = mark == ']';
            return;
        }

        if (state is { Depth: 1, Begin: < 0 })
        {
            (state.Begin, state.BeginLine) = (at, state.Line);
        }

        state.InText = mark == '"';
        state.Depth += mark switch { (byte)'[' or (byte)'{' => 1, (byte)']' or (byte)'}' => -1, _ => 0 };
    }

    private struct State
    {
        public int At;
        public int Depth;
        public bool InText;
        public bool AfterBackslash;
        public int Begin = -1;
        public long BeginLine;
        public long Line;
        public bool IsOver;

        public State()
        {
        }
    }
}
