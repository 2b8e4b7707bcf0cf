namespace Orca.Serving.Requests;

/// <summary>What form an answer has. A form other than <see cref="AnyText"/> is kept by construction: no token that breaks it can be drawn.</summary>
/// <remarks>An answer that ends by its token limit, the full context, a stop string or a cancellation may be cut within its form; <see cref="GenerationEvent.Finished.Reason"/> says so.</remarks>
public abstract record ResponseFormat
{
    private ResponseFormat()
    {
    }

    /// <summary>Any text.</summary>
    public static ResponseFormat AnyText { get; } = new Text();

    /// <summary>Any JSON object.</summary>
    public static ResponseFormat AnyJson { get; } = new Json();

    /// <summary>Any text.</summary>
    public sealed record Text : ResponseFormat;

    /// <summary>One JSON object of any content.</summary>
    public sealed record Json : ResponseFormat;

    /// <summary>One JSON value that a schema describes.</summary>
    /// <param name="Schema">The schema, as JSON; at most 65,536 characters.</param>
    public sealed record JsonSchema(string Schema) : ResponseFormat;
}
