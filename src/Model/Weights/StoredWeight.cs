namespace Orca.Model.Weights;

/// <summary>Where a weight's bytes lie.</summary>
public sealed record StoredWeight
{
    internal StoredWeight(MappedFile file, string name, string dtype, long offset, long bytes) =>
        (File, Name, Dtype, Offset, Bytes) = (file, name, dtype, offset, bytes);

    /// <summary>Its name in its file.</summary>
    public string Name { get; }

    /// <summary>The name of its type as its file's format has it, such as BF16 or Q4_0.</summary>
    public string Dtype { get; }

    /// <summary>Where it begins in its file.</summary>
    public long Offset { get; }

    /// <summary>How long it is there.</summary>
    public long Bytes { get; }

    /// <summary>The file.</summary>
    internal MappedFile File { get; }
}
