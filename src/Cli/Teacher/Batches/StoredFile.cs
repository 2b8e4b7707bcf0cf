namespace Orca.Cli.Teacher.Batches;

/// <summary>A file that was uploaded, or that a batch made.</summary>
internal sealed record StoredFile
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>What it is, in this interface's words.</summary>
    public string Object { get; init; } = "file";

    /// <summary>Its size.</summary>
    public required long Bytes { get; init; }

    /// <summary>When it was stored, in seconds since 1970.</summary>
    public required long CreatedAt { get; init; }

    /// <summary>Its name.</summary>
    public required string Filename { get; init; }

    /// <summary>What for: <c>batch</c>, or <c>batch_output</c>.</summary>
    public required string Purpose { get; init; }

    /// <summary>Files are usable at once.</summary>
    public string Status { get; init; } = "processed";
}

/// <summary>Something with whose it is.</summary>
/// <param name="Owner">Name of the key.</param>
/// <param name="Value">The thing.</param>
internal sealed record Owned<T>(string Owner, T Value);
