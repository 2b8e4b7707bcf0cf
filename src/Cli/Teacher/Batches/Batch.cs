using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Orca.Cli.Teacher.Batches;

/// <summary>A batch as this interface shows it.</summary>
internal sealed record Batch
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>What it is, in this interface's words.</summary>
    public string Object { get; init; } = "batch";

    /// <summary>What every request of it calls.</summary>
    public required string Endpoint { get; init; }

    /// <summary>What was wrong with its file; null where nothing was.</summary>
    public BatchErrors? Errors { get; init; }

    /// <summary>Id of the file of its requests.</summary>
    public required string InputFileId { get; init; }

    /// <summary>The time it may take, as it was asked for.</summary>
    public required string CompletionWindow { get; init; }

    /// <summary>One of <see cref="BatchStatus"/>.</summary>
    public required string Status { get; init; }

    /// <summary>Id of the file of its answers; null before its end, and where there is none.</summary>
    public string? OutputFileId { get; init; }

    /// <summary>Id of the file of requests that were refused likewise.</summary>
    public string? ErrorFileId { get; init; }

    /// <summary>When it was made, in seconds since 1970.</summary>
    public required long CreatedAt { get; init; }

    /// <summary>When its requests began to be answered.</summary>
    public long? InProgressAt { get; init; }

    /// <summary>When it ended, well or not.</summary>
    public long? CompletedAt { get; init; }

    /// <summary>When its file was found unusable.</summary>
    public long? FailedAt { get; init; }

    /// <summary>When it was told to end.</summary>
    public long? CancellingAt { get; init; }

    /// <summary>When it had ended because of that.</summary>
    public long? CancelledAt { get; init; }

    /// <summary>How many of its requests have come to what.</summary>
    public RequestCounts RequestCounts { get; init; } = new(0, 0, 0);

    /// <summary>What its maker noted of it.</summary>
    public JsonObject? Metadata { get; init; }
}

/// <summary>How many requests of a batch have come to what.</summary>
internal sealed record RequestCounts(int Total, int Completed, int Failed);

/// <summary>What is wrong with a batch's file.</summary>
internal sealed record BatchErrors(ImmutableArray<BatchError> Data)
{
    /// <summary>What it is, in this interface's words.</summary>
    public string Object { get; init; } = "list";
}

/// <summary>One thing that is wrong with a batch's file.</summary>
/// <param name="Code">What kind.</param>
/// <param name="Message">What.</param>
/// <param name="Line">In which line, from 1; null for the whole.</param>
internal sealed record BatchError(string Code, string Message, int? Line);

/// <summary>How far a batch is.</summary>
internal static class BatchStatus
{
    public const string Validating = "validating";
    public const string InProgress = "in_progress";
    public const string Completed = "completed";
    public const string Failed = "failed";
    public const string Cancelling = "cancelling";
    public const string Cancelled = "cancelled";

    /// <summary>Whether nothing more happens to a batch.</summary>
    public static bool IsEnd(string status) => status is Completed or Failed or Cancelled;
}
