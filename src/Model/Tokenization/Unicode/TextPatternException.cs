namespace Orca.Model.Tokenization.Unicode;

/// <summary>A text on which a pattern of the tokenizer takes too long.</summary>
public sealed class TextPatternException(string message, Exception cause) : Exception(message, cause);
