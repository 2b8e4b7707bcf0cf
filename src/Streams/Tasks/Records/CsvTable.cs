using System.Globalization;
using System.Text.Json;
using nietras.SeparatedValues;
using Orca.Streams.Tasks.Files;

namespace Orca.Streams.Tasks.Records;

/// <summary>Tables with a line of names: comma, semicolon or tab between the columns, whichever the names have.</summary>
internal static class CsvTable
{
    /// <summary>Writes each row as a JSON object of texts. The names' line is left empty, so that the rows keep their places.</summary>
    /// <param name="text">The table.</param>
    /// <param name="into">Where the rows go.</param>
    /// <param name="fault">Hears of rows with another number of columns than there are names.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="InvalidDataException">A quotation mark is not closed, or the table is none.</exception>
    public static void Write(TextReader text, Spool into, Action<long, string> fault, CancellationToken cancellationToken)
    {
        using var reader = Sep.Reader(options => options with
        {
            Unescape = true,
            DisableColCountCheck = true,
            CultureInfo = CultureInfo.InvariantCulture,
        }).From(text);
        var names = reader.Header.ColNames;
        var line = new MemoryStream();
        using var json = new Utf8JsonWriter(line);
        into.Append("\n"u8);
        try
        {
            foreach (var row in reader)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (row.ColCount != names.Count)
                {
                    fault(row.LineNumberFrom, $"The row has {row.ColCount} columns; expected {names.Count}, as many as names.");
                    continue;
                }

                json.WriteStartObject();
                for (var column = 0; column < names.Count; column++)
                {
                    json.WriteString(names[column], row[column].Span);
                }

                json.WriteEndObject();
                json.Flush();
                line.WriteByte((byte)'\n');
                into.Append(line.GetBuffer().AsSpan(0, (int)line.Length));
                line.SetLength(0);
                json.Reset();
            }
        }
        catch (Exception failure) when (failure is ArgumentException or NotSupportedException or InvalidOperationException)
        {
            throw new InvalidDataException(failure.Message, failure);
        }
    }
}
