using System.Globalization;
using System.Text;

namespace Orca.Model.Prompting.Jinja.Syntax;

/// <summary>A text between quotes, with the escapes of Python.</summary>
internal static class TextLiteral
{
    /// <summary>What the characters between the quotes mean.</summary>
    /// <exception cref="JinjaSyntaxException">An escape is malformed.</exception>
    public static string Unescape(ReadOnlySpan<char> raw, int line)
    {
        var text = new StringBuilder(raw.Length);
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] == '\\' && i + 1 < raw.Length)
            {
                i += Escape(raw[(i + 1)..], text, line);
            }
            else
            {
                text.Append(raw[i]);
            }
        }

        return text.ToString();
    }

    // Adds what stands behind a backslash, and says how many characters it was. An unknown escape is left as it is.
    private static int Escape(ReadOnlySpan<char> rest, StringBuilder text, int line)
    {
        switch (rest[0])
        {
            case 'x':
                return Hexadecimal(rest, 2, text, line);
            case 'u':
                return Hexadecimal(rest, 4, text, line);
            case 'U':
                return Hexadecimal(rest, 8, text, line);
            case 'N':
                throw new JinjaSyntaxException(line, "characters by name (\\N{...}) are not supported");
            case >= '0' and <= '7':
                return Octal(rest, text);
            case '\n':
                return 1;
            default:
                var at = "ntr\\'\"abfv".IndexOf(rest[0], StringComparison.Ordinal);
                text.Append(at < 0 ? "\\" + rest[0] : "\n\t\r\\'\"\a\b\f\v"[at].ToString());
                return 1;
        }
    }

    private static int Hexadecimal(ReadOnlySpan<char> rest, int digits, StringBuilder text, int line)
    {
        if (rest.Length <= digits
            || !int.TryParse(rest.Slice(1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
            || code is < 0 or > 0x10FFFF)
        {
            throw new JinjaSyntaxException(line, $"the escape \\{rest[0]} needs {digits} hexadecimal digits");
        }

        text.Append(code < 0x10000 ? ((char)code).ToString() : char.ConvertFromUtf32(code));
        return digits + 1;
    }

    private static int Octal(ReadOnlySpan<char> rest, StringBuilder text)
    {
        var (length, code) = (0, 0);
        while (length < 3 && length < rest.Length && rest[length] is >= '0' and <= '7')
        {
            code = (code * 8) + (rest[length++] - '0');
        }

        text.Append((char)code);
        return length;
    }
}
