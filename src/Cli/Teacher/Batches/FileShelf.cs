using System.Collections.Concurrent;
using System.Globalization;

namespace Orca.Cli.Teacher.Batches;

/// <summary>
/// Files of all keys, in a folder. The same content stored twice is two files, as with OpenAI: nothing is recognised. Any thread.
/// </summary>
internal sealed class FileShelf
{
    private const string End = ".file.json";

    private readonly StateFolder _folder;
    private readonly ConcurrentDictionary<string, Owned<StoredFile>> _files;

    public FileShelf(StateFolder folder)
    {
        _folder = folder;
        _files = new(folder.ReadAll<Owned<StoredFile>>(End).ToDictionary(file => file.Value.Id));
    }

    /// <summary>Stores a file.</summary>
    /// <param name="owner">Whose it is.</param>
    /// <param name="name">Its name.</param>
    /// <param name="purpose">What for.</param>
    /// <param name="write">Writes its content.</param>
    public StoredFile Add(string owner, string name, string purpose, Action<Stream> write)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"file-{Guid.NewGuid():N}");
        _folder.Write(id + ".content", write);
        var file = new StoredFile
        {
            Id = id,
            Bytes = new FileInfo(PathOf(id)).Length,
            CreatedAt = DateTimeOffset.UtcNow.ToUnixTimeSeconds(),
            Filename = name,
            Purpose = purpose,
        };
        // The content lies there before anything names it.
        _folder.Write(id + End, new Owned<StoredFile>(owner, file));
        _files[id] = new Owned<StoredFile>(owner, file);
        return file;
    }

    /// <summary>A key's file; null where it has none of that id.</summary>
    public StoredFile? Find(string owner, string? id) =>
        id is not null && _files.TryGetValue(id, out var file) && file.Owner == owner ? file.Value : null;

    /// <summary>A key's files, the newest first.</summary>
    public IEnumerable<StoredFile> Of(string owner) =>
        _files.Values.Where(file => file.Owner == owner).Select(file => file.Value)
            .OrderByDescending(file => file.CreatedAt).ThenBy(file => file.Id);

    /// <summary>Where a file's content lies.</summary>
    public string PathOf(string id) => _folder[id + ".content"];
}
