using Orca.Model.Prompting.Jinja.Values;
using Orca.Model.Tokenization;

namespace Orca.Model.Prompting.Jinja.Library;

/// <summary>Values as what can be gone through, counted and cut.</summary>
internal static class Sequences
{
    /// <summary>Its items: a list's, a dictionary's keys, a text's characters; none of an undefined value.</summary>
    /// <exception cref="JinjaException">It has none.</exception>
    public static IReadOnlyList<JinjaValue> ItemsOf(RenderContext context, JinjaValue value)
    {
        var items = value switch
        {
            ListValue list => list.Items,
            DictionaryValue dictionary => [.. dictionary.Entries.Select(entry => entry.Key)],
            TextValue text => Characters(context, text.Text),
            UndefinedValue => [],
            _ => throw new JinjaException($"a value of type '{value.TypeName}' cannot be gone through"),
        };
        context.Spend(items.Count);
        return items;
    }

    /// <summary>Whether it can be gone through.</summary>
    public static bool IsIterable(JinjaValue value) => value is ListValue or DictionaryValue or TextValue or UndefinedValue;

    /// <summary>How many items it has; of a text, how many characters (code points).</summary>
    /// <exception cref="JinjaException">It has none.</exception>
    public static int LengthOf(JinjaValue value) => value switch
    {
        ListValue list => list.Items.Count,
        DictionaryValue dictionary => dictionary.Entries.Count,
        TextValue text => CharactersIn(text.Value),
        UndefinedValue => 0,
        _ => throw new JinjaException($"a value of type '{value.TypeName}' has no length"),
    };

    /// <summary>Characters (code points) of a text: a pair of surrogates is one.</summary>
    public static int CharactersIn(string text)
    {
        var pairs = 0;
        for (var i = 1; i < text.Length; i++)
        {
            pairs += char.IsSurrogatePair(text[i - 1], text[i]) ? 1 : 0;
        }

        return text.Length - pairs;
    }

    /// <summary>The characters of a text.</summary>
    public static IReadOnlyList<JinjaValue> Characters(RenderContext context, TemplateText text)
    {
        context.Spend(text.Value.Length);
        var characters = new List<JinjaValue>(text.Value.Length);
        for (var i = 0; i < text.Value.Length;)
        {
            var length = char.IsSurrogatePair(text.Value, i) ? 2 : 1;
            characters.Add(new TextValue(text.Slice(i, length)));
            i += length;
        }

        return characters;
    }

    /// <summary>The texts, one after the other.</summary>
    public static TextValue Join(RenderContext context, IEnumerable<JinjaValue> parts, TemplateText separator)
    {
        var text = new TemplateTextBuilder();
        var first = true;
        foreach (var part in parts)
        {
            if (!first)
            {
                text.Append(separator);
            }

            var more = ValueText.Of(context, part);
            context.SpendText(more.Value.Length + separator.Value.Length);
            text.Append(more);
            RenderContext.CheckLength(text.Length);
            first = false;
        }

        return new TextValue(text.ToText());
    }

    /// <summary>Which places a slice takes, in order, of so many.</summary>
    /// <exception cref="JinjaException">A bound is no whole number, or the step is 0.</exception>
    public static (int Start, int Stop, int Step) Bounds(int count, JinjaValue? start, JinjaValue? stop, JinjaValue? step)
    {
        var by = Arguments.Whole(NullIfNone(step), "slice", 1);
        if (by == 0)
        {
            throw new JinjaException("a slice's step cannot be 0");
        }

        var (lowest, highest) = by > 0 ? (0, count) : (-1, count - 1);
        return (Bound(start, by > 0 ? lowest : highest), Bound(stop, by > 0 ? highest : lowest), by);

        int Bound(JinjaValue? given, int absent)
        {
            if (NullIfNone(given) is not { } value)
            {
                return absent;
            }

            var at = Arguments.Whole(value, "slice", 0);
            return Math.Clamp(at < 0 ? at + count : at, lowest, highest);
        }
    }

    /// <summary>A text in the opposite order of its characters.</summary>
    public static TemplateText Reverse(TemplateText text)
    {
        var reversed = new TemplateTextBuilder();
        for (var i = text.Value.Length; i > 0;)
        {
            var length = i > 1 && char.IsSurrogatePair(text.Value[i - 2], text.Value[i - 1]) ? 2 : 1;
            i -= length;
            reversed.Append(text, new TextSpan(i, length));
        }

        return reversed.ToText();
    }

    private static JinjaValue? NullIfNone(JinjaValue? value) => value is NoneValue ? null : value;
}
