namespace Orca.Streams.Tasks;

/// <summary>How far the files of a source have been gone over.</summary>
/// <param name="File">The file that is read.</param>
/// <param name="Done">Bytes that have been read, of all files.</param>
/// <param name="Total">Bytes there are.</param>
public readonly record struct IndexingProgress(string File, long Done, long Total);
