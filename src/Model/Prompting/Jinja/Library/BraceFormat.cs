using System.Globalization;
using Orca.Model.Prompting.Jinja.Values;
using Orca.Model.Tokenization;

namespace Orca.Model.Prompting.Jinja.Library;

/// <summary>
/// Python's <c>text.format(values)</c> with fields by place or name, and the formats of a number of decimals (<c>.2f</c>).
/// </summary>
internal static class BraceFormat
{
    /// <summary>The text with its values put in.</summary>
    /// <exception cref="JinjaException">A field is of a form that is not known, or has no value.</exception>
    public static TemplateText Write(RenderContext context, TemplateText format, CallArguments arguments)
    {
        var text = new TemplateTextBuilder();
        var (at, place) = (0, 0);
        while (format.Value.AsSpan(at).IndexOfAny('{', '}') is >= 0 and var length)
        {
            var brace = at + length;
            text.Append(format, new TextSpan(at, length));
            if (brace + 1 < format.Value.Length && format.Value[brace + 1] == format.Value[brace])
            {
                text.Append(format, new TextSpan(brace, 1));
                at = brace + 2;
                continue;
            }

            var end = format.Value[brace] == '{' ? format.Value.IndexOf('}', brace) : -1;
            if (end < 0)
            {
                throw new JinjaException("a format has a single brace");
            }

            text.Append(Field(context, format.Value[(brace + 1)..end], arguments, ref place));
            RenderContext.CheckLength(text.Length);
            at = end + 1;
        }

        return text.Append(format, new TextSpan(at, format.Value.Length - at)).ToText();
    }

    private static TemplateText Field(RenderContext context, string field, CallArguments arguments, ref int place)
    {
        var (name, form) = field.IndexOf(':') is >= 0 and var colon ? (field[..colon], field[(colon + 1)..]) : (field, "");
        var value = name.Length == 0
            ? arguments.Positional.ElementAtOrDefault(place++)
            : int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                ? arguments.Positional.ElementAtOrDefault(index)
                : arguments.Named.FirstOrDefault(argument => argument.Key == name).Value;
        return (value, form) switch
        {
            (null, _) => throw new JinjaException($"the field '{{{name}}}' of a format has no value"),
            (_, "" or "s" or "d") => ValueText.Of(context, value),
            (_, ['.', .. var digits, 'f']) when ValueComparison.IsNumber(value)
                && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var decimals)
                && decimals < 100
                => TemplateText.OfTemplate(Arithmetic.ToDouble(value).ToString("F" + decimals, CultureInfo.InvariantCulture)),
            _ => throw new JinjaException($"the format '{{:{form}}}' is not known"),
        };
    }
}
