using System.Collections.Immutable;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using Orca.Streams.Tasks.Files;

namespace Orca.Streams.Tasks.Indexing;

/// <summary>Keeps the index of a large source in a file, so that its files are gone over once, not at every start.</summary>
/// <param name="folder">The folder of such files.</param>
internal sealed class IndexFile(string folder)
{
    // Magic, version, and the length of the header behind them.
    private const long Magic = 0x0001_7865_646E_4943;
    private const int PrefixBytes = 12;
    private const int MostHeaderBytes = 1 << 30;

    /// <summary>The index of these files as it was kept; null where there is none, or a file has changed.</summary>
    /// <param name="files">The files.</param>
    /// <param name="settings">What the index depends on besides.</param>
    /// <param name="opening">Opens their texts.</param>
    /// <param name="open">Opens the index.</param>
    /// <param name="cancellationToken">Ends the unpacking of compressed files.</param>
    public SourceIndex? Open(
        IReadOnlyList<SourceFile> files, string settings, TextOpening opening, OpenFiles open, CancellationToken cancellationToken)
    {
        var path = PathOf(files, settings);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            var whole = new TextOnDisk(open, path, FileSample.StampOf(path));
            if (HeaderOf(whole) is not (var header, var begin) || header.Settings != settings
                || !header.Files.Select(file => file.File).SequenceEqual(files))
            {
                return null;
            }

            var texts = ImmutableArray.CreateBuilder<PlainFile>();
            foreach (var file in header.Files)
            {
                if (TextOf(file, opening, open, cancellationToken) is not { } text)
                {
                    return null;
                }

                texts.Add(text);
            }

            var rows = new FilePart(whole, begin, header.RowsLength);
            return new SourceIndex(
                header, texts.ToImmutable(), rows, new FilePart(whole, begin + header.RowsLength, header.OrderLength));
        }
        catch (Exception failure) when (failure is IOException or JsonException or UnauthorizedAccessException)
        {
            // It is made anew.
            return null;
        }
    }

    /// <summary>Keeps an index.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public void Keep(SourceIndex index, IReadOnlyList<SourceFile> files, ImmutableArray<PlainFile> texts)
    {
        Directory.CreateDirectory(folder);
        foreach (var spool in texts.OfType<Spool>().Where(spool => spool.Path is not null && spool.Length > 0))
        {
            spool.Keep();
        }

        var header = JsonSerializer.SerializeToUtf8Bytes(index.About);
        var path = PathOf(files, index.About.Settings);
        var former = SpoolsOf(path);
        var part = $"{path}.{Guid.NewGuid():N}.part";
        try
        {
            using (var stream = new FileStream(part, FileMode.CreateNew, FileAccess.Write))
            {
                stream.Write(BitConverter.GetBytes(Magic));
                stream.Write(BitConverter.GetBytes(header.Length));
                stream.Write(header);
                Copy(index.Rows, stream);
                Copy(index.Order, stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(part, path, overwrite: true);
            foreach (var spool in former)
            {
                File.Delete(spool);
            }
        }
        catch
        {
            File.Delete(part);
            throw;
        }
    }

    // Of the index that another takes the place of.
    private static IReadOnlyList<string> SpoolsOf(string path)
    {
        try
        {
            using var open = new OpenFiles();
            return File.Exists(path) && HeaderOf(new TextOnDisk(open, path, FileSample.StampOf(path))) is (var header, _)
                ? [.. header.Files.Select(file => file.Spool).OfType<string>()]
                : [];
        }
        catch (Exception failure) when (failure is IOException or JsonException)
        {
            return [];
        }
    }

    /// <summary>A path for a spool beside the indexes.</summary>
    public string SpoolPath(string name) => Path.Combine(folder, $"{Guid.NewGuid():N}.{name}");

    private static void Copy(PlainFile from, Stream to)
    {
        var buffer = new byte[1 << 20];
        for (var offset = 0L; from.Read(buffer, offset) is > 0 and var read; offset += read)
        {
            to.Write(buffer, 0, read);
        }
    }

    private static (IndexHeader Header, long Begin)? HeaderOf(PlainFile file)
    {
        Span<byte> prefix = stackalloc byte[PrefixBytes];
        if (file.Read(prefix, 0) < PrefixBytes || BitConverter.ToInt64(prefix) != Magic
            || BitConverter.ToInt32(prefix[8..]) is not (> 0 and < MostHeaderBytes and var length))
        {
            return null;
        }

        var json = new byte[length];
        return file.Read(json, PrefixBytes) == length && JsonSerializer.Deserialize<IndexHeader>(json) is { } header
            && header.Version == IndexHeader.CurrentVersion
            && file.Length == PrefixBytes + length + header.RowsLength + header.OrderLength
            ? (header, PrefixBytes + length)
            : null;
    }

    // Null where the file is not what it was.
    private static PlainFile? TextOf(IndexedFile file, TextOpening opening, OpenFiles open, CancellationToken cancellationToken)
    {
        var path = file.File.Path;
        if (file.Sample.Length == 0 || FileSample.StampOf(path) != file.Stamp || FileSample.Of(path) != file.Sample)
        {
            return null;
        }

        if (file.Spool is { } spool)
        {
            return File.Exists(spool) ? new TextOnDisk(open, spool, FileSample.StampOf(spool)) : null;
        }

        // One that was unpacked into memory is unpacked again.
        return opening.Open(path, (_, _) => { }, cancellationToken).Text;
    }

    private string PathOf(IReadOnlyList<SourceFile> files, string settings)
    {
        var hash = new XxHash128();
        hash.Append(Encoding.UTF8.GetBytes(settings));
        foreach (var file in files)
        {
            hash.Append(Encoding.UTF8.GetBytes($"\0{Path.GetFullPath(file.Path)}"));
        }

        return Path.Combine(folder, $"{Convert.ToHexStringLower(hash.GetCurrentHash())}.index");
    }
}
