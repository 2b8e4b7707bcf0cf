using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Orca.Evaluation.Suites;

/// <summary>Reads what Python's <c>repr</c> writes of dictionaries, lists, texts, numbers, booleans and None, as JSON.</summary>
internal sealed class PythonLiteral
{
    private readonly string text;
    private readonly StringBuilder json = new();
    private int at;

    private PythonLiteral(string text) => this.text = text;

    /// <summary>The value.</summary>
    /// <exception cref="FormatException">The text is no such literal.</exception>
    public static JsonElement Parse(string text)
    {
        var reader = new PythonLiteral(text);
        reader.Value();
        reader.Blanks();
        if (reader.at < text.Length)
        {
            throw reader.Fault();
        }

        try
        {
            using var document = JsonDocument.Parse(reader.json.ToString());
            return document.RootElement.Clone();
        }
        catch (JsonException failure)
        {
            throw new FormatException(failure.Message, failure);
        }
    }

    private void Value()
    {
        Blanks();
        switch (Next)
        {
            case '{':
                Items('}');
                break;
            case '[':
                Items(']');
                break;
            case '\'' or '"':
                Text();
                break;
            default:
                Word();
                break;
        }
    }

    // Both kinds of brackets: what stands between signs is a value.
    private void Items(char end)
    {
        json.Append(text[at++]);
        while (true)
        {
            Blanks();
            if (Next == end)
            {
                json.Append(text[at++]);
                return;
            }

            if (Next is ',' or ':')
            {
                json.Append(text[at++]);
            }
            else
            {
                Value();
            }
        }
    }

    private void Text()
    {
        var quote = text[at++];
        var value = new StringBuilder();
        while (Next != quote)
        {
            value.Append(Next == '\\' ? Escape() : text[at++].ToString());
        }

        at++;
        json.Append(JsonSerializer.Serialize(value.ToString()));
    }

    private string Escape()
    {
        at++;
        var sign = Next;
        at++;
        return sign switch
        {
            'n' => "\n",
            't' => "\t",
            'r' => "\r",
            'x' => Code(2),
            'u' => Code(4),
            'U' => Code(8),
            '\\' or '\'' or '"' => $"{sign}",
            _ => $"\\{sign}",
        };
    }

    private string Code(int digits)
    {
        if (at + digits > text.Length
            || !int.TryParse(text.AsSpan(at, digits), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var code))
        {
            throw Fault();
        }

        at += digits;
        return code is >= 0 and <= 0xFFFF ? $"{(char)code}" : Rune.TryCreate(code, out var rune) ? $"{rune}" : throw Fault();
    }

    private void Word()
    {
        var start = at;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '.' or '-' or '+'))
        {
            at++;
        }

        json.Append(text[start..at] switch
        {
            "None" => "null",
            "True" => "true",
            "False" => "false",
            "" => throw Fault(),
            var number => number,
        });
    }

    private void Blanks()
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
        {
            at++;
        }
    }

    private char Next => at < text.Length ? text[at] : throw Fault();

    private FormatException Fault() => new($"it is no literal of Python's at its sign {at}");
}
