using System.Buffers;
using System.Text.RegularExpressions;

namespace Orca.Streams.Answers;

/// <summary>Leaves out what a response only names to deny it: of "not 5 but 7" and of "7 rather than 5" the 7 is left.</summary>
internal static partial class Denials
{
    // Most responses deny nothing.
    private static readonly SearchValues<string> Signs = SearchValues.Create(
        ["not", "rather", "instead", "opposed"], StringComparison.OrdinalIgnoreCase);

    /// <summary>A text without them.</summary>
    public static string Removed(string text) =>
        text.AsSpan().ContainsAny(Signs) ? Rather().Replace(But().Replace(text, ""), "") : text;

    [GeneratedRegex(@"\bnot\s{1,3}[^.,;:!?\n]{1,60}?\s{1,3}but\s{1,3}(?:rather\s{1,3})?", RegexOptions.IgnoreCase)]
    private static partial Regex But();

    [GeneratedRegex(@",?\s{1,3}(?:rather\s{1,3}than|instead\s{1,3}of|as\s{1,3}opposed\s{1,3}to)\s{1,3}[^.,;:!?\n]{1,200}(?:\.(?=\d)[^.,;:!?\n]{1,20})?", RegexOptions.IgnoreCase)]
    private static partial Regex Rather();
}
