using System.Collections.Immutable;

namespace Orca.Serving.Sampling.Json.Automata;

/// <summary>A part of a regular expression.</summary>
internal abstract record PatternNode
{
    private PatternNode()
    {
    }

    /// <summary>Nothing.</summary>
    public static PatternNode Empty { get; } = new Sequence([]);

    /// <summary>One of some characters.</summary>
    public sealed record Characters(CharSet Set) : PatternNode;

    /// <summary>Parts one after the other.</summary>
    public sealed record Sequence(ImmutableArray<PatternNode> Parts) : PatternNode;

    /// <summary>One of several parts.</summary>
    public sealed record Choice(ImmutableArray<PatternNode> Alternatives) : PatternNode;

    /// <summary>A part several times; <paramref name="Most"/> null: as often as one likes.</summary>
    public sealed record Repeat(PatternNode Part, int Least, int? Most) : PatternNode;

    /// <summary>The text's beginning, or its end.</summary>
    public sealed record Edge(bool IsStart) : PatternNode;

    /// <summary>What follows must, or must not, begin with a part.</summary>
    public sealed record Ahead(PatternNode Part, bool IsRefused) : PatternNode;
}
