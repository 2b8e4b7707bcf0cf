namespace Orca.Streams.Sieves;

/// <summary>What a question shares with an item of an evaluation set.</summary>
public enum ContaminationRule
{
    /// <summary>All its words are all words of neighbouring texts of the item.</summary>
    SameText,

    /// <summary>It contains the item's text, which is shorter than eight words.</summary>
    Contained,

    /// <summary>Thirteen words in a row.</summary>
    ThirteenWords,

    /// <summary>Half of the runs of eight words of the shorter of the two.</summary>
    Coverage,
}

/// <summary>A question that is, or contains, or is a part of, an item of an evaluation set.</summary>
/// <param name="Set">Name of the set.</param>
/// <param name="File">Path of the item's file.</param>
/// <param name="Row">The item's number in it, from 1; 0 for a text that belongs to the file.</param>
/// <param name="Rule">What they share.</param>
/// <param name="Coverage">Share of the shorter one's runs of eight words that the other has, 0 to 1.</param>
public sealed record ContaminationMatch(string Set, string File, int Row, ContaminationRule Rule, double Coverage);
