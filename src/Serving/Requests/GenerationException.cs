using System.Collections.Immutable;

namespace Orca.Serving.Requests;

/// <summary>A request that was refused or failed; the message says what was found and what was expected.</summary>
public sealed class GenerationException(Failure failure, string message, Exception? inner = null) : Exception(Cut(message), inner)
{
    // What a caller sent is told back in part: it may have megabytes, and statuses travel in headers.
    private const int MostCharacters = 1_000;
    private const int MostFaults = 16;

    private readonly string subject = "";

    /// <summary>What kind of failure it is.</summary>
    public Failure Failure { get; } = failure;

    /// <summary>The fields at fault; empty unless <see cref="Failure"/> is <see cref="Failure.InvalidRequest"/>.</summary>
    public ImmutableArray<FieldFault> Fields { get; init; } = [];

    /// <summary>When to try again; null where nothing tells, or trying again does not help.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>
    /// What it is about: a version's or a request's name, or whose quota is used up. Empty where the message says it all.
    /// </summary>
    public string Subject
    {
        get => subject;
        init => subject = Cut(value);
    }

    internal static GenerationException Invalid(IEnumerable<FieldFault> faults)
    {
        var fields = faults.Take(MostFaults).Select(fault => new FieldFault(Cut(fault.Field), Cut(fault.Message))).ToImmutableArray();
        return new GenerationException(Failure.InvalidRequest, string.Join("; ", fields.Select(fault => $"{fault.Field} {fault.Message}")))
        {
            Fields = fields,
        };
    }

    internal static GenerationException Invalid(string field, string message) => Invalid([new FieldFault(field, message)]);

    private static string Cut(string text) => text.Length <= MostCharacters ? text
        : $"{text.AsSpan(0, char.IsHighSurrogate(text[MostCharacters - 1]) ? MostCharacters - 1 : MostCharacters)}…";
}

/// <summary>One field of a request that is out of range.</summary>
/// <param name="Field">Its path, as in the wire contract (<c>sampling.temperature</c>).</param>
/// <param name="Message">What was found and what is allowed.</param>
public sealed record FieldFault(string Field, string Message);
