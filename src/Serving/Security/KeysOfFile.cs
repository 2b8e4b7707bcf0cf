namespace Orca.Serving.Security;

/// <summary>The keys of a file, as it stood when it was looked at last. Read from any thread while one refreshes them.</summary>
internal sealed class KeysOfFile
{
    private readonly string path;
    private string text;
    private volatile KeyRing ring;

    /// <exception cref="Hosting.ServingException">The file is missing, or a line is malformed.</exception>
    public KeysOfFile(string path)
    {
        this.path = path;
        text = KeyFile.ReadText(path);
        ring = new KeyRing(KeyFile.Parse(path, text));
    }

    /// <summary>The keys.</summary>
    public KeyRing Ring => ring;

    /// <summary>
    /// Takes over what the file holds now. By its text and not by its time: a link may lead to another file, as old as the first.
    /// </summary>
    /// <returns>Whether it has changed.</returns>
    /// <exception cref="Hosting.ServingException">The file is gone or malformed; the keys stay as they were.</exception>
    public bool Refresh()
    {
        var now = KeyFile.ReadText(path);
        if (now == text)
        {
            return false;
        }

        ring = new KeyRing(KeyFile.Parse(path, now));
        text = now;
        return true;
    }
}
