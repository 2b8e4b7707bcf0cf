using System.Runtime.CompilerServices;

namespace Orca.Streams.Tasks;

/// <summary>The records of a file of JSON objects: one a line or, where the file begins with a bracket, the elements of one list.</summary>
internal static class JsonRecords
{
    /// <summary>Each record with the line at which it begins; a line without anything is no record.</summary>
    public static async IAsyncEnumerable<TextLine> ReadAsync(
        string path, IProgress<SourceFault> faults, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ElementSplitter? list = null;
        var isFirst = true;
        await foreach (var line in TextLines.ReadAsync(path, faults, cancellationToken))
        {
            if (!line.TooLong && line.Bytes.Span.IndexOfAnyExcept(" \t"u8) < 0)
            {
                continue;
            }

            if (isFirst)
            {
                isFirst = false;
                list = IsListStart(line) ? new ElementSplitter() : null;
            }

            if (list is null || list.IsOver || line.TooLong)
            {
                yield return line;
                continue;
            }

            foreach (var element in list.Split(line))
            {
                yield return element;
            }
        }

        if (list?.Rest is { } rest)
        {
            yield return rest;
        }
    }

    private static bool IsListStart(TextLine line) => !line.TooLong && ((ReadOnlySpan<byte>)line.Bytes.Span).TrimStart(" \t"u8)[0] == '[';
}
