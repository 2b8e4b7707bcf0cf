using System.Collections.Immutable;

namespace Orca.Streams.Tasks.Indexing;

/// <summary>What an index says besides where the questions lie.</summary>
internal sealed record IndexHeader
{
    /// <summary>Changes where an index is made otherwise.</summary>
    public const int CurrentVersion = 1;

    /// <summary>As which it was made.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>What the reading depends on besides the files.</summary>
    public required string Settings { get; init; }

    /// <summary>The files.</summary>
    public required ImmutableArray<IndexedFile> Files { get; init; }

    /// <summary>The tasks, with at least one question each.</summary>
    public required ImmutableArray<IndexedTask> Tasks { get; init; }

    /// <summary>What is no question, or not used.</summary>
    public required ImmutableArray<SourceFault> Faults { get; init; }

    /// <summary>Records, questions or not.</summary>
    public required SourceCounts Counts { get; init; }

    /// <summary>Tells sources with other questions apart: a hash of the texts of all files and of the settings.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Bytes of the rows, where they are kept in a file.</summary>
    public long RowsLength { get; init; }

    /// <summary>Bytes of the order, likewise.</summary>
    public long OrderLength { get; init; }
}
