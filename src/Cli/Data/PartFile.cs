using System.Text.Json;

namespace Orca.Cli.Data;

/// <summary>
/// What has come of a file so far, in a file <c>.part</c> beside its place; a note beside that, <c>.part.json</c>, says of what it is a
/// part. Both stay until the file is whole, also when the process ends; where nothing has come, nothing stays.
/// </summary>
internal sealed class PartFile : IDisposable
{
    private readonly Download _download;
    private readonly FileStream _file;
    private bool _isGone;

    private PartFile(Download download, FileStream file) => (_download, _file) = (download, file);

    /// <summary>Where the part lies.</summary>
    public string Path => PathOf(_download.Target);

    /// <summary>How many bytes have come.</summary>
    public long Length => _file.Position;

    /// <summary>What is known of the whole.</summary>
    public PartNote Note { get; private set; } = new("", "", null, null);

    /// <summary>Whether its bytes come of more than one reply, which may be of different files.</summary>
    public bool IsPieced { get; private set; }

    /// <summary>The path of the part of a file.</summary>
    public static string PathOf(string target) => target + ".part";

    /// <summary>Opens the part of a file, to be gone on with where it is one of the same file, and else anew.</summary>
    /// <exception cref="IOException">It cannot be opened; another process may be writing it.</exception>
    public static PartFile Open(Download download)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(download.Target))!);
        // Without a buffer of its own: what was written is in the file, whatever becomes of the process.
        var file = new FileStream(PathOf(download.Target), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        try
        {
            var part = new PartFile(download, file);
            if (file.Length > 0 && ReadNote(part.NotePath) is { } note && note.Sha256 == download.Sha256)
            {
                (part.Note, part.IsPieced) = (note, true);
                file.Position = file.Length;
            }
            else
            {
                part.Restart();
            }

            return part;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Throws away what has come.</summary>
    public void Restart()
    {
        if (_file.Length > 0)
        {
            _file.SetLength(0);
        }

        _file.Position = 0;
        (Note, IsPieced) = (new PartNote(_download.Sha256, "", null, null), false);
        File.Delete(NotePath);
    }

    /// <summary>Writes down of what whole the bytes are that come now.</summary>
    public void Begin(string? tag, long? length)
    {
        IsPieced |= Length > 0;
        Note = new PartNote(_download.Sha256, _download.Source.AbsoluteUri, tag, length);
        File.WriteAllText(NotePath, JsonSerializer.Serialize(Note));
    }

    /// <summary>Adds bytes.</summary>
    /// <exception cref="IOException">They cannot be written: the disk is full, say.</exception>
    public void Append(ReadOnlySpan<byte> bytes) => _file.Write(bytes);

    /// <summary>The SHA-256 of what has come.</summary>
    public async Task<string> DigestAsync(CancellationToken cancellationToken)
    {
        _file.Position = 0;
        return await Download.DigestAsync(_file, cancellationToken);
    }

    /// <summary>Gives it the file's name, in one step.</summary>
    /// <param name="replace">Whether a file of that name may be replaced.</param>
    /// <exception cref="IOException">There is such a file, and it may not be.</exception>
    public void Finish(bool replace)
    {
        _file.Flush(flushToDisk: true);
        File.Move(Path, _download.Target, replace);
        _isGone = true;
        File.Delete(NotePath);
    }

    /// <summary>Removes it.</summary>
    public void Discard()
    {
        Restart();
        File.Delete(Path);
        _isGone = true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isGone && Length == 0)
        {
            Discard();
        }

        _file.Dispose();
    }

    private string NotePath => Path + ".json";

    private static PartNote? ReadNote(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<PartNote>(File.ReadAllText(path));
        }
        catch (Exception failure) when (failure is JsonException or FileNotFoundException)
        {
            // Nothing says what it is a part of.
            return null;
        }
    }
}

/// <summary>Of what something is a part.</summary>
/// <param name="Sha256">The SHA-256 that the whole must have.</param>
/// <param name="Source">The address it comes from; empty where nothing has come.</param>
/// <param name="Tag">The whole's entity tag there; null where it has none.</param>
/// <param name="Length">The whole's length; null where it is not known.</param>
internal sealed record PartNote(string Sha256, string Source, string? Tag, long? Length);
