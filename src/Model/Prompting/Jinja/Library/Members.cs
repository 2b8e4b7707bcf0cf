using Orca.Model.Prompting.Jinja.Values;

namespace Orca.Model.Prompting.Jinja.Library;

/// <summary>Attributes, elements and slices of values.</summary>
internal static class Members
{
    /// <summary><c>value.name</c>: a method where its type has one of this name, else an element.</summary>
    /// <exception cref="JinjaException">The value is undefined.</exception>
    public static JinjaValue Attribute(JinjaValue value, string name) =>
        Method(value, name) ?? Element(value, new TextValue(name)) ?? (JinjaValue)Missing(value, name);

    /// <summary><c>value[key]</c>: an element where there is one of this key, else a method.</summary>
    /// <exception cref="JinjaException">The value is undefined.</exception>
    public static JinjaValue Item(RenderContext context, JinjaValue value, JinjaValue key)
    {
        if (value is TextValue text && ValueComparison.WholeNumber(key) is not null)
        {
            context.SpendText(text.Value.Length);
        }

        return Element(value, key)
            ?? (key is TextValue name ? Method(value, name.Value) : null)
            ?? (JinjaValue)Missing(value, ValueText.Represent(context, key).Value);
    }

    /// <summary><c>value[start:stop:step]</c>; undefined of what has no order.</summary>
    /// <exception cref="JinjaException">The value is undefined, or a bound is no whole number.</exception>
    public static JinjaValue Slice(RenderContext context, JinjaValue value, JinjaValue? start, JinjaValue? stop, JinjaValue? step)
    {
        switch (value)
        {
            case ListValue list:
                return new ListValue(Slice(list.Items, start, stop, step), list.IsTuple);
            case TextValue text when step is null or NoneValue && !text.Value.Any(char.IsSurrogate):
                var (from, to, _) = Sequences.Bounds(text.Value.Length, start, stop, step);
                return context.Spent(text.Text.Slice(from, Math.Max(0, to - from)));
            case TextValue text:
                return Sequences.Join(context, Slice(Sequences.Characters(context, text.Text), start, stop, step), TemplateText.Empty);
            case UndefinedValue undefined:
                throw undefined.Fault();
            default:
                return Missing(value, "slice");
        }
    }

    private static List<JinjaValue> Slice(IReadOnlyList<JinjaValue> items, JinjaValue? start, JinjaValue? stop, JinjaValue? step)
    {
        var (from, to, by) = Sequences.Bounds(items.Count, start, stop, step);
        var slice = new List<JinjaValue>();
        for (long i = from; by > 0 ? i < to : i > to; i += by)
        {
            slice.Add(items[(int)i]);
        }

        return slice;
    }

    private static JinjaValue? Element(JinjaValue value, JinjaValue key) => value switch
    {
        UndefinedValue undefined => throw undefined.Fault(),
        DictionaryValue dictionary => key is not (ListValue { IsTuple: false } or DictionaryValue or UndefinedValue)
            && dictionary.TryGet(key, out var found) ? found : null,
        NamespaceValue space => key is TextValue name ? space.Variables.GetValueOrDefault(name.Value) : null,
        LoopValue loop => key is TextValue name ? loop.Member(name.Value) : null,
        ListValue list => At(list.Items.Count, key) is { } place ? list.Items[place] : null,
        TextValue text => Character(text.Text, key),
        _ => null,
    };

    private static TextValue? Character(TemplateText text, JinjaValue key)
    {
        if (At(Sequences.CharactersIn(text.Value), key) is not { } place)
        {
            return null;
        }

        var at = 0;
        for (; place > 0; place--)
        {
            at += char.IsSurrogatePair(text.Value, at) ? 2 : 1;
        }

        return new TextValue(text.Slice(at, char.IsSurrogatePair(text.Value, at) ? 2 : 1));
    }

    private static int? At(int count, JinjaValue key)
    {
        if (ValueComparison.WholeNumber(key) is not { } index)
        {
            return null;
        }

        var place = index < 0 ? index + count : index;
        return place >= 0 && place < count ? (int)place : null;
    }

    private static CallableValue? Method(JinjaValue value, string name) => value switch
    {
        TextValue text => TextMethods.Find(text.Text, name),
        DictionaryValue dictionary => CollectionMethods.Find(dictionary, name),
        ListValue list => CollectionMethods.Find(list, name),
        LoopValue loop => CollectionMethods.Find(loop, name),
        _ => null,
    };

    private static UndefinedValue Missing(JinjaValue value, string name) =>
        new($"a value of type '{value.TypeName}' has no attribute or element '{name.Trim('\'')}'");
}
