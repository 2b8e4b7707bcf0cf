using System.Collections.Immutable;
using Orca.Serving.Sampling.Json.Automata;

namespace Orca.Serving.Sampling.Json;

/// <summary>
/// What one value may be. Shapes within it are told by their numbers in a <see cref="JsonGrammar"/>, so that a shape may hold itself.
/// </summary>
internal abstract record JsonShape
{
    private JsonShape()
    {
    }

    /// <summary>One of several shapes; none at all where there is none.</summary>
    /// <param name="Alternatives">Their numbers.</param>
    public sealed record Union(ImmutableArray<int> Alternatives) : JsonShape;

    /// <summary>One of the texts of an automaton, as JSON: numbers, literals, strings of a pattern.</summary>
    /// <param name="Texts">The automaton.</param>
    /// <param name="Literals">The texts, where they are few and known; else default.</param>
    public sealed record Text(Automaton Texts, ImmutableArray<string> Literals = default) : JsonShape;

    /// <summary>A string of any characters.</summary>
    /// <param name="Least">Characters at least: Unicode code points.</param>
    /// <param name="Most">Characters at most.</param>
    public sealed record String(int Least, int Most) : JsonShape;

    /// <summary>An array.</summary>
    /// <param name="Prefix">Numbers of its first elements' shapes.</param>
    /// <param name="Items">Number of the other elements' shape.</param>
    /// <param name="Least">Elements at least.</param>
    /// <param name="Most">Elements at most.</param>
    public sealed record Array(ImmutableArray<int> Prefix, int Items, int Least, int Most) : JsonShape
    {
        /// <summary>Number of an element's shape.</summary>
        public int ItemAt(int index) => index < Prefix.Length ? Prefix[index] : Items;
    }

    /// <summary>An object: first the properties it names, in their order, then others.</summary>
    /// <param name="Properties">Those it names.</param>
    /// <param name="OtherNames">Number of the shape of other names; null where there are none.</param>
    /// <param name="Others">Number of the shape of other properties' values.</param>
    public sealed record Object(JsonProperties Properties, int? OtherNames, int Others) : JsonShape;
}
