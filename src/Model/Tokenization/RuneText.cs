using System.Globalization;
using System.Text;

namespace Orca.Model.Tokenization;

/// <summary>
/// A text for regular expressions that think in whole characters: .NET's see the two halves of a character beyond U+FFFF,
/// so such a character is stood in for by one of the same category.
/// </summary>
internal readonly struct RuneText
{
    private readonly string text;
    private readonly int[]? offsets;

    public RuneText(string text)
    {
        this.text = text;
        Classes = text;
        if (text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            var classes = new StringBuilder(text.Length);
            var starts = new List<int>(text.Length + 1);
            for (var i = 0; i < text.Length;)
            {
                starts.Add(i);
                Rune.DecodeFromUtf16(text.AsSpan(i), out var rune, out var length);
                classes.Append(length == 2 ? StandInFor(Rune.GetUnicodeCategory(rune)) : (char)rune.Value);
                i += length;
            }

            starts.Add(text.Length);
            (Classes, offsets) = (classes.ToString(), [.. starts]);
        }
    }

    /// <summary>One UTF-16 unit for every character.</summary>
    public string Classes { get; }

    /// <summary>The part of the text between two places in <see cref="Classes"/>.</summary>
    public string Slice(int start, int end) => offsets is null ? text[start..end] : text[offsets[start]..offsets[end]];

    private static char StandInFor(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter => '\u0394',
        UnicodeCategory.LowercaseLetter => '\u03B4',
        UnicodeCategory.TitlecaseLetter => '\u01C5',
        UnicodeCategory.ModifierLetter => '\u02B0',
        UnicodeCategory.OtherLetter => '\u4E00',
        UnicodeCategory.NonSpacingMark => '\u0300',
        UnicodeCategory.SpacingCombiningMark => '\u0903',
        UnicodeCategory.EnclosingMark => '\u0488',
        UnicodeCategory.DecimalDigitNumber => '\u0660',
        UnicodeCategory.LetterNumber => '\u2160',
        UnicodeCategory.OtherNumber => '\u00B2',
        UnicodeCategory.Format => '\u200D',
        UnicodeCategory.OtherPunctuation => '\u00BF',
        _ => '\u00A9',
    };
}
