namespace Orca.Streams.Answers;

/// <summary>What a comparison of a response with gold answers comes to.</summary>
public enum AnswerVerdict
{
    /// <summary>It answers otherwise, or, where only one answer of a fixed form will do, gives none.</summary>
    Wrong,

    /// <summary>It gives a gold answer.</summary>
    Right,

    /// <summary>A comparison of words cannot tell: the same may be said otherwise.</summary>
    Undecided,
}
