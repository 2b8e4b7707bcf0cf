namespace Orca.Streams.Sieves;

public sealed partial class NearDuplicates
{
    private const string Content = "texts 1";

    /// <summary>Saves it: beside the file, flushed, and then in its place, so a process that is killed leaves the former one or this
    /// one whole.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Save(string path)
    {
        using var file = SavedIndex.Create(path, Name(capacity));
        lock (door)
        {
            Visit(file.Write);
        }

        file.Publish();
    }

    /// <summary>
    /// An index as it was saved; null where the file is absent or damaged, or of another version or capacity: it is to be built again
    /// from the texts, oldest first (<see cref="Add(IEnumerable{ValueTuple{ulong, string}})"/>).
    /// </summary>
    public static NearDuplicates? Restore(string path, int capacity = DefaultCapacity)
    {
        var index = new NearDuplicates(capacity);
        return SavedIndex.Read(path, Name(capacity), index.Visit) ? index : null;
    }

    private static string Name(int capacity) => FormattableString.Invariant($"{Content} of {capacity}");
}
