using System.Globalization;
using Spectre.Console;

namespace Orca.Cli.Display;

/// <summary>Text from anywhere, made fit for a terminal.</summary>
internal static class TerminalText
{
    /// <summary>
    /// The text with U+FFFD for what a terminal would heed: control characters other than tabs and line ends. A carriage return that ends
    /// no line is none: what follows it would be written over what precedes it.
    /// </summary>
    public static string Harmless(string text) => string.Concat(
        text.Select((character, index) => IsHarmless(character) || IsOfLineEnd(text, index) ? character : '\uFFFD'));

    /// <summary>The same as one line: spaces for line ends and tabs.</summary>
    public static string OneLine(string text) => Harmless(text.ReplaceLineEndings(" ").Replace('\t', ' '));

    /// <summary>As much of a line's beginning as fits into so many columns; no character is divided.</summary>
    public static string Cut(string line, int columns)
    {
        // A character takes two columns at most.
        if (line.Length <= columns / 2)
        {
            return line;
        }

        var (length, taken) = (0, 0);
        while (length < line.Length)
        {
            var next = StringInfo.GetNextTextElementLength(line, length);
            taken += line.Substring(length, next).GetCellWidth();
            if (taken > columns)
            {
                break;
            }

            length += next;
        }

        return line[..length];
    }

    private static bool IsHarmless(char character) => !char.IsControl(character) || character is '\n' or '\t';

    private static bool IsOfLineEnd(string text, int index) =>
        text[index] == '\r' && index + 1 < text.Length && text[index + 1] == '\n';
}
