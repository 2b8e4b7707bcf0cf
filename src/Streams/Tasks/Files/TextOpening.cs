using System.Text;
using ICSharpCode.SharpZipLib;
using ICSharpCode.SharpZipLib.GZip;
using Microsoft.Win32.SafeHandles;
using Orca.Streams.Tasks.Records;
using ZstdSharp;

namespace Orca.Streams.Tasks.Files;

/// <summary>
/// Opens files as text in UTF-8: as they are, unpacked (gzip, zstd), out of UTF-16 by its mark, from a pipe, and tables (CSV, Parquet) as
/// one JSON object a line. What is not stored as it is read is written to a spool first.
/// </summary>
/// <param name="open">The files that are open.</param>
/// <param name="spools">Makes a spool for a file.</param>
/// <param name="isTable">Whether a text is a table, of rows with a line of names.</param>
internal sealed class TextOpening(OpenFiles open, Func<string, Spool> spools, bool isTable = false)
{
    private const int LongestMark = 4;
    private const int PumpBytes = 256 << 10;

    /// <summary>A file's text. What of it cannot be read is told, and what stands before it is the text.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fault">Hears of what is wrong: the line, 0 for the whole file, and one sentence.</param>
    /// <param name="cancellationToken">Ends the unpacking.</param>
    /// <exception cref="IOException">The file cannot be opened, or the spool not written.</exception>
    /// <returns>The text, and the file's stamp; null for a pipe, which cannot be opened again.</returns>
    public (PlainFile Text, FileStamp? Stamp) Open(string path, Action<long, string> fault, CancellationToken cancellationToken)
    {
        using var handle = Handle(path);
        using var file = new FileStream(handle, FileAccess.Read, bufferSize: 0);
        FileStamp? stamp = file.CanSeek ? FileStamp.Of(handle) : null;
        return (Read(path, file, stamp, fault, cancellationToken), stamp);
    }

    private PlainFile Read(
        string path, FileStream file, FileStamp? stamp, Action<long, string> fault, CancellationToken cancellationToken)
    {
        var peeked = PeekedStream.Of(file, LongestMark);
        if (peeked.Head.StartsWith("PAR1"u8))
        {
            return file.CanSeek
                ? Spooled(path, spool => Parquet(file, spool, cancellationToken), fault)
                : throw new IOException($"A Parquet file cannot be read from the pipe '{path}'; give a file.");
        }

        var text = Decoded(peeked);
        if (isTable)
        {
            return Spooled(path, spool => CsvTable.Write(new StreamReader(text, Encoding.UTF8), spool, fault, cancellationToken), fault);
        }

        return ReferenceEquals(text, peeked) && stamp is { } known
            ? new TextOnDisk(open, path, known)
            : Spooled(path, spool => Pump(text, spool, cancellationToken), fault);
    }

    // The library reads asynchronously alone; a source is gone over on a thread of its own, which has nothing else to do.
    private static void Parquet(Stream file, Spool spool, CancellationToken cancellationToken) =>
        ParquetTable.WriteAsync(file, spool, cancellationToken).GetAwaiter().GetResult();

    private static SafeFileHandle Handle(string path)
    {
        try
        {
            return File.OpenHandle(
                path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        }
        catch (UnauthorizedAccessException failure)
        {
            throw new IOException(failure.Message, failure);
        }
    }

    // The framework's own reader of gzip takes the end of a file that is cut for the end of the text.
    private static PeekedStream Decoded(PeekedStream stream)
    {
        var inner = stream.Head switch
        {
            [0x1F, 0x8B, ..] => (Stream)new GZipInputStream(stream),
            [0x28, 0xB5, 0x2F, 0xFD] => new DecompressionStream(stream, leaveOpen: false),
            [0xFF, 0xFE, 0, 0] => throw new IOException("The file is UTF-32; convert it to UTF-8."),
            [0xFF, 0xFE, ..] => Encoding.CreateTranscodingStream(stream, Encoding.Unicode, Encoding.UTF8),
            [0xFE, 0xFF, ..] => Encoding.CreateTranscodingStream(stream, Encoding.BigEndianUnicode, Encoding.UTF8),
            _ => null,
        };
        return inner is null ? stream : Decoded(PeekedStream.Of(inner, LongestMark));
    }

    private static void Pump(Stream text, Spool spool, CancellationToken cancellationToken)
    {
        var buffer = new byte[PumpBytes];
        while (text.Read(buffer) is > 0 and var read)
        {
            spool.Append(buffer.AsSpan(0, read));
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private Spool Spooled(string path, Action<Spool> write, Action<long, string> fault)
    {
        var spool = spools(path);
        try
        {
            write(spool);
        }
        catch (Exception failure) when (failure is InvalidDataException or ZstdException or EndOfStreamException or SharpZipBaseException)
        {
            fault(0, $"The file is damaged or cut after {spool.Length} bytes of text ({failure.Message}); what stands before is read.");
        }
        catch
        {
            spool.Dispose();
            throw;
        }

        return spool;
    }
}
