namespace Orca.Cli.Data;

/// <summary>How far a download has come.</summary>
/// <param name="Download">The file.</param>
/// <param name="Bytes">How much of it is there.</param>
/// <param name="Whole">Its length; null where it is not known.</param>
internal readonly record struct DownloadStatus(Download Download, long Bytes, long? Whole)
{
    /// <summary>Why nothing comes, and for how long; null while something does.</summary>
    public string? Pause { get; init; }
}
