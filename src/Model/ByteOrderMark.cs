namespace Orca.Model;

/// <summary>The mark that some editors write before a text in UTF-8; it is no part of it.</summary>
internal static class ByteOrderMark
{
    /// <summary>The text behind the mark, where there is one.</summary>
    public static ReadOnlyMemory<byte> Skip(ReadOnlyMemory<byte> text) => text.Span.StartsWith("\uFEFF"u8) ? text[3..] : text;
}
