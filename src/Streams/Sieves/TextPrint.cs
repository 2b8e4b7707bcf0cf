namespace Orca.Streams.Sieves;

/// <summary>What a text is found by.</summary>
internal readonly ref struct TextPrint
{
    /// <summary>A hash that texts share which are the same.</summary>
    public required ulong Whole { get; init; }

    /// <summary>A hash of a part that may be another whole text; 0 for none.</summary>
    public ulong Part { get; init; }

    /// <summary>A hash of another such part; 0 for none.</summary>
    public ulong OtherPart { get; init; }

    /// <summary>Hashes of its runs of words; none where it is only like those that are the same.</summary>
    public ReadOnlySpan<ulong> Runs { get; init; }

    /// <summary>Only texts of one kind are alike by their runs.</summary>
    public ulong Kind { get; init; }

    /// <summary>The same with these runs.</summary>
    public TextPrint With(ReadOnlySpan<ulong> runs) =>
        new() { Whole = Whole, Part = Part, OtherPart = OtherPart, Kind = Kind, Runs = runs };
}
