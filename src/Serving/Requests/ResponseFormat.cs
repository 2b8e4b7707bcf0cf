using Orca.Serving.Sampling.Json;

namespace Orca.Serving.Requests;

/// <summary>
/// What form an answer has. A form other than <see cref="AnyText"/> is kept by construction: no token that breaks it can be drawn.
/// </summary>
/// <remarks>
/// An answer that ends by its token limit, the full context, a stop string or a cancellation may be cut within its form;
/// <see cref="GenerationEvent.Finished.Reason"/> says so.
/// </remarks>
public abstract record ResponseFormat
{
    private ResponseFormat()
    {
    }

    /// <summary>Any text.</summary>
    public static ResponseFormat AnyText { get; } = new Text();

    /// <summary>Any JSON object.</summary>
    public static ResponseFormat AnyJson { get; } = new Json();

    /// <summary>What it comes to, read when it is asked for first; null for any text.</summary>
    /// <exception cref="JsonSchemaException">Answers cannot be held to it.</exception>
    internal abstract JsonGrammar? Grammar { get; }

    /// <summary>Any text.</summary>
    public sealed record Text : ResponseFormat
    {
        internal override JsonGrammar? Grammar => null;
    }

    /// <summary>One JSON object of any content.</summary>
    public sealed record Json : ResponseFormat
    {
        internal override JsonGrammar Grammar => JsonGrammar.AnyObject;
    }

    /// <summary>One JSON value that a schema describes.</summary>
    /// <param name="Schema">The schema, as JSON; at most 65,536 characters.</param>
    public sealed record JsonSchema(string Schema) : ResponseFormat
    {
        private JsonGrammar? grammar;

        // Kept for as long as the request is, so that nobody reads it again on the engine's thread.
        internal override JsonGrammar Grammar => grammar ??= JsonGrammars.Of(Schema);

        /// <inheritdoc/>
        public bool Equals(JsonSchema? other) => other is not null && Schema == other.Schema;

        /// <inheritdoc/>
        public override int GetHashCode() => Schema.GetHashCode(StringComparison.Ordinal);
    }
}
