namespace Orca.Cli.Display;

/// <summary>Text from anywhere, made fit for a terminal.</summary>
internal static class TerminalText
{
    /// <summary>The text with U+FFFD for what a terminal would heed: control characters other than line ends and tabs.</summary>
    public static string Harmless(string text) => string.Concat(
        text.Select(character => char.IsControl(character) && character is not ('\n' or '\r' or '\t') ? '\uFFFD' : character));
}
