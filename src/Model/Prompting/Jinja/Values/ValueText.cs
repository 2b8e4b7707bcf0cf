using System.Globalization;
using System.Text;
using Orca.Model.Tokenization;

namespace Orca.Model.Prompting.Jinja.Values;

/// <summary>How values print: Python's <c>str</c> for the value itself, <c>repr</c> for what it holds.</summary>
internal static class ValueText
{
    /// <summary>The text of a value; nothing for an undefined one.</summary>
    /// <exception cref="JinjaException">It has no text, such as a macro that was not called.</exception>
    public static TemplateText Of(RenderContext context, JinjaValue value)
    {
        switch (value)
        {
            case TextValue text:
                return text.Text;
            case UndefinedValue:
                return TemplateText.Empty;
            default:
                var builder = new TemplateTextBuilder();
                Represent(context, value, builder);
                return builder.ToText();
        }
    }

    /// <summary>What <c>repr</c> gives.</summary>
    public static TemplateText Represent(RenderContext context, JinjaValue value)
    {
        var builder = new TemplateTextBuilder();
        Represent(context, value, builder);
        return builder.ToText();
    }

    private static void Represent(RenderContext context, JinjaValue value, TemplateTextBuilder output)
    {
        RenderContext.GuardStack();
        context.Spend();
        switch (value)
        {
            case TextValue text:
                context.SpendText(text.Value.Length);
                Quote(text.Text, output);
                break;
            case NoneValue:
                output.Append("None");
                break;
            case BooleanValue boolean:
                output.Append(boolean.IsTrue ? "True" : "False");
                break;
            case IntegerValue integer:
                output.Append(integer.Value.ToString(CultureInfo.InvariantCulture));
                break;
            case FloatValue real:
                output.Append(PythonNumbers.Write(real.Value));
                break;
            case ListValue list:
                output.Append(list.IsTuple ? "(" : "[");
                Join(list.Items, item => Represent(context, item, output), output);
                output.Append(list.IsTuple ? list.Items.Count == 1 ? ",)" : ")" : "]");
                break;
            case DictionaryValue dictionary:
                output.Append("{");
                Join(dictionary.Entries, entry =>
                {
                    Represent(context, entry.Key, output);
                    output.Append(": ");
                    Represent(context, entry.Value, output);
                }, output);
                output.Append("}");
                break;
            case UndefinedValue:
                output.Append("Undefined");
                break;
            default:
                throw new JinjaException($"the chat template prints a {value.TypeName}, which has no text");
        }

        RenderContext.CheckLength(output.Length);
    }

    private static void Join<T>(IReadOnlyList<T> items, Action<T> write, TemplateTextBuilder output)
    {
        for (var i = 0; i < items.Count; i++)
        {
            output.Append(i > 0 ? ", " : "");
            write(items[i]);
        }
    }

    private static void Quote(TemplateText text, TemplateTextBuilder output)
    {
        var quote = text.Value.Contains('\'') && !text.Value.Contains('"') ? '"' : '\'';
        output.Append([quote]);
        foreach (var (span, isLiteral) in text.Runs())
        {
            output.Append(Escape(text.Value.AsSpan(span.Start, span.Length), quote), isLiteral);
        }

        output.Append([quote]);
    }

    private static string Escape(ReadOnlySpan<char> text, char quote)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '\n' => escaped.Append("\\n"),
                '\r' => escaped.Append("\\r"),
                '\t' => escaped.Append("\\t"),
                var code when code == quote || code == '\\' => escaped.Append('\\').Append((char)code),
                var code when IsPrintable(rune) => escaped.Append(rune.ToString()),
                < 0x100 => escaped.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}"),
                < 0x10000 => escaped.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
                _ => escaped.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}"),
            };
        }

        return escaped.ToString();
    }

    private static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.SpaceSeparator);
}
