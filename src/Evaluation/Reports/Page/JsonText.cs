using System.Globalization;
using System.Text;

namespace Orca.Evaluation.Reports.Page;

/// <summary>
/// JSON strings that can stand in a <c>script</c> element and lose nothing. System.Text.Json would turn half a surrogate pair into U+FFFD;
/// a student can say one, and the report shows what was said.
/// </summary>
internal static class JsonText
{
    /// <summary>Appends a string, quoted.</summary>
    public static StringBuilder AppendJson(this StringBuilder json, string text)
    {
        json.Append('"');
        var plain = 0;
        for (var place = 0; place < text.Length; place++)
        {
            if (char.IsHighSurrogate(text[place]) && place + 1 < text.Length && char.IsLowSurrogate(text[place + 1]))
            {
                place++;
            }
            else if (IsEscaped(text[place]))
            {
                json.Append(text, plain, place - plain).Append(CultureInfo.InvariantCulture, $"\\u{(int)text[place]:x4}");
                plain = place + 1;
            }
        }

        return json.Append(text, plain, text.Length - plain).Append('"');
    }

    /// <summary>Appends a list of strings.</summary>
    public static StringBuilder AppendJson(this StringBuilder json, IEnumerable<string> texts)
    {
        json.Append('[');
        var comma = "";
        foreach (var text in texts)
        {
            json.Append(comma).AppendJson(text);
            comma = ",";
        }

        return json.Append(']');
    }

    // "<" ends scripts and begins comments; what nobody sees (controls, marks of direction) would hide in the file's source.
    private static bool IsEscaped(char letter) => letter is '"' or '\\' or '<' || (!char.IsBetween(letter, ' ', '~')
        && char.GetUnicodeCategory(letter) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned);
}
