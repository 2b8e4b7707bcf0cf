using System.Text.Json.Serialization;

namespace Orca.Streams.Teachers.Batches;

/// <summary>How far a batch is. Each step is on disk before the next is begun.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BatchStep>))]
internal enum BatchStep
{
    /// <summary>Its requests are on disk; nobody else knows of it.</summary>
    Written,

    /// <summary>Its file is uploaded, which costs nothing.</summary>
    Uploaded,

    /// <summary>It may have been created, and may not: whoever goes on looks for it first.</summary>
    Creating,

    /// <summary>It is created, and paid for.</summary>
    Created,

    /// <summary>It has ended.</summary>
    Ended,

    /// <summary>Its answers are on disk.</summary>
    Downloaded,

    /// <summary>Its answers are in the store.</summary>
    Settled,
}

/// <summary>A batch as it is remembered.</summary>
internal sealed record BatchState
{
    /// <summary>Its number in the folder, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>What it is found by at the endpoint: a text that no other batch carries.</summary>
    public required string Marker { get; init; }

    /// <summary>How many requests it has; 0 where it was begun before that was kept.</summary>
    public int Requests { get; init; }

    /// <summary>How far it is.</summary>
    public BatchStep Step { get; init; }

    /// <summary>Id of its uploaded file.</summary>
    public string? FileId { get; init; }

    /// <summary>When that was stored, in seconds since 1970 by the endpoint's clock: the batch cannot be older.</summary>
    public long UploadedAt { get; init; }

    /// <summary>Its id at the endpoint.</summary>
    public string? BatchId { get; init; }

    /// <summary>How it ended, in the endpoint's words.</summary>
    public string? Status { get; init; }

    /// <summary>Id of the file of its answers; null where there is none.</summary>
    public string? OutputFileId { get; init; }

    /// <summary>Id of the file of refused requests; null where there is none.</summary>
    public string? ErrorFileId { get; init; }

    /// <summary>How many answers the endpoint says that file has; 0 where it does not say.</summary>
    public int Answers { get; init; }

    /// <summary>What the endpoint found wrong with its file; null where it did not.</summary>
    public string? Fault { get; init; }
}

/// <summary>A request of a batch, as it is remembered.</summary>
/// <param name="Request">What is asked.</param>
/// <param name="Attempt">The call's number in the ledger.</param>
/// <param name="Number">Which batch it is for this request, from 1.</param>
internal sealed record AskedRequest(TeacherRequest Request, long Attempt, int Number);
