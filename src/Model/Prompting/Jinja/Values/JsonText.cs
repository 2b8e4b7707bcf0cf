using System.Globalization;
using System.Text;

namespace Orca.Model.Prompting.Jinja.Values;

/// <summary>Values as JSON, laid out as Python's <c>json.dumps</c> does.</summary>
/// <param name="context">Bounds the work.</param>
/// <param name="indent">What a level is indented by; null puts all on one line.</param>
/// <param name="itemSeparator">Stands behind each element but the last.</param>
/// <param name="keySeparator">Stands between a key and its value.</param>
/// <param name="sortKeys">Whether keys are put in order, rather than left in theirs.</param>
/// <param name="asciiOnly">Whether every other character is escaped.</param>
internal sealed class JsonText(
    RenderContext context, string? indent, TemplateText itemSeparator, TemplateText keySeparator, bool sortKeys, bool asciiOnly)
{
    private readonly TemplateTextBuilder output = new();

    /// <summary>The JSON of a value.</summary>
    /// <exception cref="JinjaException">It has none.</exception>
    public TemplateText Write(JinjaValue value)
    {
        Write(value, 0);
        return output.ToText();
    }

    private void Write(JinjaValue value, int level)
    {
        RenderContext.GuardStack();
        context.Spend();
        RenderContext.CheckLength(output.Length);
        switch (value)
        {
            case TextValue text:
                WriteText(text.Text);
                break;
            case ListValue list:
                WriteAll('[', ']', list.Items, level, item => Write(item, level + 1));
                break;
            case DictionaryValue dictionary:
                WriteAll('{', '}', InOrder(dictionary), level, entry =>
                {
                    WriteText(KeyOf(entry.Key));
                    output.Append(keySeparator);
                    Write(entry.Value, level + 1);
                });
                break;
            default:
                output.Append(Scalar(value));
                break;
        }
    }

    private void WriteAll<T>(char open, char close, IReadOnlyList<T> items, int level, Action<T> write)
    {
        output.Append([open]);
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
            {
                output.Append(itemSeparator);
            }

            BreakLine(level + 1);
            write(items[i]);
        }

        if (items.Count > 0)
        {
            BreakLine(level);
        }

        output.Append([close]);
    }

    private void BreakLine(int level)
    {
        if (indent is null)
        {
            return;
        }

        context.SpendText((long)indent.Length * level);
        output.Append("\n");
        for (var i = 0; i < level; i++)
        {
            output.Append(indent);
        }
    }

    private IReadOnlyList<KeyValuePair<JinjaValue, JinjaValue>> InOrder(DictionaryValue dictionary) => sortKeys
        ? [.. dictionary.Entries.Order(
            Comparer<KeyValuePair<JinjaValue, JinjaValue>>.Create((a, b) => ValueComparison.Compare(a.Key, b.Key)))]
        : dictionary.Entries;

    private static TemplateText KeyOf(JinjaValue key) => key is TextValue text ? text.Text : TemplateText.OfTemplate(Scalar(key));

    private static string Scalar(JinjaValue value) => value switch
    {
        NoneValue => "null",
        BooleanValue boolean => boolean.IsTrue ? "true" : "false",
        IntegerValue integer => integer.Value.ToString(CultureInfo.InvariantCulture),
        FloatValue { Value: double.NaN } => "NaN",
        FloatValue real when double.IsInfinity(real.Value) => real.Value > 0 ? "Infinity" : "-Infinity",
        FloatValue real => PythonNumbers.Write(real.Value),
        UndefinedValue undefined => throw undefined.Fault(),
        _ => throw new JinjaException($"a value of type '{value.TypeName}' has no JSON"),
    };

    private void WriteText(TemplateText text)
    {
        context.SpendText(text.Value.Length);
        output.Append("\"");
        foreach (var (span, isLiteral) in text.Runs())
        {
            output.Append(Escape(text.Value.AsSpan(span.Start, span.Length)), isLiteral);
        }

        output.Append("\"");
    }

    private string Escape(ReadOnlySpan<char> text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var unit in text)
        {
            _ = unit switch
            {
                '"' => escaped.Append("\\\""),
                '\\' => escaped.Append("\\\\"),
                '\n' => escaped.Append("\\n"),
                '\r' => escaped.Append("\\r"),
                '\t' => escaped.Append("\\t"),
                '\b' => escaped.Append("\\b"),
                '\f' => escaped.Append("\\f"),
                _ when unit < ' ' || (asciiOnly && unit > '~') => escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}"),
                _ => escaped.Append(unit),
            };
        }

        return escaped.ToString();
    }
}
