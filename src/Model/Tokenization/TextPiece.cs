namespace Orca.Model.Tokenization;

/// <summary>A part of a text on its way to words.</summary>
/// <param name="Text">The part, as it is so far.</param>
/// <param name="IsFirst">Whether the whole text begins with it.</param>
internal readonly record struct TextPiece(string Text, bool IsFirst);
