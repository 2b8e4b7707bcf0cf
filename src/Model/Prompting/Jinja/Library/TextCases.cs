using System.Text;
using Orca.Model.Prompting.Jinja.Values;

namespace Orca.Model.Prompting.Jinja.Library;

/// <summary>Upper and lower case, by Unicode's simple mappings and the sharp s.</summary>
internal static class TextCases
{
    public static TemplateText Upper(TemplateText text) => text.Map(Upper);

    public static TemplateText Lower(TemplateText text) => text.Map(part => part.ToLowerInvariant());

    /// <summary>The first character in upper case, all others in lower case.</summary>
    public static TemplateText Capitalize(TemplateText text)
    {
        var first = text.Value.Length > 1 && char.IsSurrogatePair(text.Value, 0) ? 2 : Math.Min(1, text.Value.Length);
        return Title(text.Slice(0, first)).Concat(Lower(text.Slice(first)));
    }

    /// <summary>The first letter of each run of letters in upper case, all others in lower case.</summary>
    public static TemplateText Title(TemplateText text) => Title(text, previous => !Rune.IsLetter(previous));

    /// <summary>As the filter <c>title</c> has it: a word begins behind a space, a hyphen or an opening bracket.</summary>
    public static TemplateText TitleOfWords(TemplateText text) =>
        Title(text, previous => Rune.IsWhiteSpace(previous) || previous.Value is '-' or '(' or '{' or '[' or '<');

    /// <summary>Upper case becomes lower and the other way round.</summary>
    public static TemplateText Swap(TemplateText text) => text.Map(part => string.Concat(part.EnumerateRunes().Select(rune =>
        Rune.IsUpper(rune) ? Rune.ToLowerInvariant(rune).ToString() : Upper(rune.ToString()))));

    /// <summary>Whether every letter has this case, and there is one.</summary>
    public static bool IsAll(string text, Func<Rune, bool> has, Func<Rune, bool> hasOther) =>
        text.EnumerateRunes().Any(has) && !text.EnumerateRunes().Any(hasOther);

    private static TemplateText Title(TemplateText text, Func<Rune, bool> begins)
    {
        var title = new TemplateTextBuilder();
        var previous = new Rune(' ');
        foreach (var (span, isLiteral) in text.Runs())
        {
            foreach (var rune in text.Value.AsSpan(span.Start, span.Length).EnumerateRunes())
            {
                title.Append(begins(previous) ? Upper(rune.ToString()) : Rune.ToLowerInvariant(rune).ToString(), isLiteral);
                previous = rune;
            }
        }

        return title.ToText();
    }

    private static string Upper(string text) => text.ToUpperInvariant().Replace("ß", "SS", StringComparison.Ordinal);
}
