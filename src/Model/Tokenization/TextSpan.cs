namespace Orca.Model.Tokenization;

/// <summary>A stretch of a text, in UTF-16 units.</summary>
/// <param name="Start">Index of its first unit.</param>
/// <param name="Length">How many units it holds.</param>
public readonly record struct TextSpan(int Start, int Length)
{
    /// <summary>Index behind its last unit.</summary>
    public int End => Start + Length;

    /// <summary>Whether the two have a unit in common.</summary>
    public bool Touches(TextSpan other) => Math.Max(Start, other.Start) < Math.Min(End, other.End);
}
