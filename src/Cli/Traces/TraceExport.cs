using System.Text.Encodings.Web;
using System.Text.Json;
using Orca.Cli.Commands;
using Orca.Streams.Storage;
using Parquet;
using Parquet.Serialization;

namespace Orca.Cli.Traces;

/// <summary>Writes traces to a file: JSON lines, or Parquet with a card beside it. The file is there only when it is whole.</summary>
internal static class TraceExport
{
    private const int RowsOfAGroup = 10_000;

    // Texts of any language as they are: the file is no part of a page.
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Whether a file of this name can be written, told before anything is read.</summary>
    /// <exception cref="CommandException">It cannot.</exception>
    public static void Check(string path)
    {
        if (Path.GetExtension(path) is not (".jsonl" or ".parquet"))
        {
            throw new CommandException($"'{path}' is no name for an export; expected one that ends in .jsonl or .parquet.");
        }

        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder))
        {
            throw new CommandException($"There is no folder '{folder}' for '{path}'; make it or give another file.");
        }
    }

    /// <summary>Writes the traces that have an answer; returns how many.</summary>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="traces">Read as they are written.</param>
    /// <param name="card">Makes the text of the card of a number of rows.</param>
    /// <param name="cancellationToken">Ends it; then no file is left.</param>
    public static async Task<long> WriteAsync(
        string path, IEnumerable<StoredTrace> traces, Func<long, string> card, CancellationToken cancellationToken)
    {
        var unfinished = path + ".tmp";
        var count = 0L;
        try
        {
            var rows = traces.Where(trace => trace.Answer is not null).Select(trace =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                count++;
                return OpenOrcaRow.Of(trace);
            });
            await using (var file = new FileStream(unfinished, FileMode.Create, FileAccess.ReadWrite))
            {
                await (Path.GetExtension(path) == ".parquet" ? ParquetAsync(rows, file, cancellationToken) : LinesAsync(rows, file));
            }

            File.Move(unfinished, path, overwrite: true);
            if (Path.GetExtension(path) == ".parquet")
            {
                await File.WriteAllTextAsync(CardOf(path), card(count), cancellationToken);
            }

            return count;
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    /// <summary>The card's file.</summary>
    public static string CardOf(string path) => Path.ChangeExtension(path, ".md");

    private static async Task LinesAsync(IEnumerable<OpenOrcaRow> rows, Stream file)
    {
        foreach (var row in rows)
        {
            await JsonSerializer.SerializeAsync(file, row, Json);
            file.WriteByte((byte)'\n');
        }
    }

    private static async Task ParquetAsync(IEnumerable<OpenOrcaRow> rows, Stream file, CancellationToken cancellationToken)
    {
        var isFirst = true;
        foreach (var group in rows.Chunk(RowsOfAGroup).DefaultIfEmpty([]))
        {
            file.Position = 0;
            await ParquetSerializer.SerializeAsync(
                group, file, new ParquetOptions { Append = !isFirst }, cancellationToken: cancellationToken);
            isFirst = false;
        }
    }
}
