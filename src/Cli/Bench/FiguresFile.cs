using System.Text;
using Orca.Cli.Commands;

namespace Orca.Cli.Bench;

/// <summary>
/// The file that <c>--json</c> names. Opened before anything is measured, so that minutes of measuring are not lost to a folder that
/// does not exist; what it held stays until there are new figures.
/// </summary>
internal sealed class FiguresFile : IDisposable
{
    private readonly FileStream _stream;
    private readonly bool _isNew;
    private bool _isWritten;

    private FiguresFile(string path)
    {
        _isNew = !File.Exists(path);
        _stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
    }

    /// <summary>Opens it; null where none is asked for.</summary>
    /// <exception cref="CommandException">It cannot be written.</exception>
    public static FiguresFile? Open(string? path)
    {
        try
        {
            return path is null ? null : new FiguresFile(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CommandException($"--json is '{path}', which cannot be written ({e.Message.TrimEnd('.')}); give a file in a folder "
                + "of yours that exists.");
        }
    }

    /// <summary>Puts the figures in the place of what it held.</summary>
    public void Write(string figures)
    {
        if (_stream.CanSeek)
        {
            _stream.SetLength(0);
        }

        _stream.Write(Encoding.UTF8.GetBytes(figures));
        _stream.Flush(flushToDisk: true);
        _isWritten = true;
    }

    /// <summary>Closes it; what was only opened, and was not there before, goes.</summary>
    public void Dispose()
    {
        _stream.Dispose();
        if (_isNew && !_isWritten)
        {
            File.Delete(_stream.Name);
        }
    }
}
