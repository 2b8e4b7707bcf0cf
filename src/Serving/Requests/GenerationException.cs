using System.Collections.Immutable;

namespace Orca.Serving.Requests;

/// <summary>A request that was refused or failed; the message says what was found and what was expected.</summary>
public sealed class GenerationException(Failure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What kind of failure it is.</summary>
    public Failure Failure { get; } = failure;

    /// <summary>The fields at fault; empty unless <see cref="Failure"/> is <see cref="Failure.InvalidRequest"/>.</summary>
    public ImmutableArray<FieldFault> Fields { get; init; } = [];

    /// <summary>When to try again; null where trying again does not help.</summary>
    public TimeSpan? RetryAfter { get; init; }

    internal static GenerationException Invalid(IEnumerable<FieldFault> faults)
    {
        var fields = faults.ToImmutableArray();
        return new GenerationException(Failure.InvalidRequest, string.Join("; ", fields.Select(fault => $"{fault.Field} {fault.Message}")))
        {
            Fields = fields,
        };
    }

    internal static GenerationException Invalid(string field, string message) => Invalid([new FieldFault(field, message)]);
}

/// <summary>One field of a request that is out of range.</summary>
/// <param name="Field">Its path, as in the wire contract (<c>sampling.temperature</c>).</param>
/// <param name="Message">What was found and what is allowed.</param>
public sealed record FieldFault(string Field, string Message);

/// <summary>Why a request got no answer.</summary>
public enum Failure
{
    /// <summary>A field is out of range, or the prompt does not fit the context.</summary>
    InvalidRequest,

    /// <summary>A request of the same name is in flight.</summary>
    DuplicateRequest,

    /// <summary>Too many requests wait, or too many tokens.</summary>
    QueueFull,

    /// <summary>The tenant has as many requests or tokens in the server as it may.</summary>
    QuotaExceeded,

    /// <summary>It would not begin, or not be done, by the time its caller gives up.</summary>
    DeadlineTooSoon,

    /// <summary>It waited as long as it may, and had not begun.</summary>
    WaitedTooLong,

    /// <summary>No version is loaded yet.</summary>
    NoModel,

    /// <summary>The engine stops.</summary>
    Stopping,

    /// <summary>A step of the engine failed.</summary>
    StepFailed,
}
