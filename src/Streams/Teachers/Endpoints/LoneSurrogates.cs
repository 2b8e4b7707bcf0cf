using System.Globalization;
using System.Text;

namespace Orca.Streams.Teachers.Endpoints;

/// <summary>
/// Escapes of half a UTF-16 pair in JSON, which are no character: models' servers send them where an answer was cut within an emoji, and
/// .NET's reader refuses the whole text for them.
/// </summary>
internal static class LoneSurrogates
{
    // A backslash, a u and four hexadecimal digits.
    private const int EscapeLength = 6;

    /// <summary>The JSON with U+FFFD in their place.</summary>
    public static string Replace(string json)
    {
        if (!json.Contains("\\ud", StringComparison.OrdinalIgnoreCase))
        {
            return json;
        }

        var text = new StringBuilder(json.Length);
        for (var at = 0; at < json.Length;)
        {
            var unit = UnitAt(json, at);
            var isPair = unit is >= 0xD800 and < 0xDC00 && UnitAt(json, at + EscapeLength) is >= 0xDC00 and < 0xE000;
            var isLone = !isPair && unit is >= 0xD800 and < 0xE000;

            // An escaped backslash is no beginning of an escape.
            var length = isPair ? 2 * EscapeLength : unit is not null ? EscapeLength : json[at] == '\\' ? 2 : 1;
            text.Append(isLone ? "\\ufffd" : json.AsSpan(at, Math.Min(length, json.Length - at)));
            at += length;
        }

        return text.ToString();
    }

    private static int? UnitAt(string json, int at) =>
        at + EscapeLength <= json.Length && json[at] == '\\' && json[at + 1] == 'u'
        && int.TryParse(json.AsSpan(at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit)
            ? unit
            : null;
}
