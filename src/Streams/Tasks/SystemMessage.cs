using System.Collections.Immutable;

namespace Orca.Streams.Tasks;

/// <summary>A system message and the questions it is used for.</summary>
public sealed record SystemMessage
{
    /// <summary>Its name or number, unique among the messages.</summary>
    public required string Id { get; init; }

    /// <summary>The text; may be empty.</summary>
    public required string Text { get; init; }

    /// <summary>The collections it is used for.</summary>
    public required ImmutableArray<string> UsedFor { get; init; }

    /// <summary>The stages it is used in; empty for all.</summary>
    public ImmutableArray<string> Stages { get; init; } = [];

    /// <summary>Whether it is used for multiple-choice questions alone.</summary>
    public bool MultipleChoiceOnly { get; init; }

    /// <summary>How often it is chosen beside the others that fit; 1 unless set, above 0.</summary>
    public double Weight { get; init; } = 1;
}
