using Orca.Model.Prompting.Jinja.Values;

namespace Orca.Model.Prompting.Jinja.Library;

/// <summary>The comparisons of two values.</summary>
internal static class Comparisons
{
    /// <summary>Whether a comparison holds.</summary>
    /// <exception cref="JinjaException">It has no meaning between the two.</exception>
    public static bool Holds(RenderContext context, string symbol, JinjaValue left, JinjaValue right) => symbol switch
    {
        "==" => ValueComparison.AreEqual(left, right),
        "!=" => !ValueComparison.AreEqual(left, right),
        "in" => Contains(context, right, left),
        "not in" => !Contains(context, right, left),
        "<" => ValueComparison.Compare(left, right) < 0,
        "<=" => ValueComparison.Compare(left, right) <= 0,
        ">" => ValueComparison.Compare(left, right) > 0,
        _ => ValueComparison.Compare(left, right) >= 0,
    };

    private static bool Contains(RenderContext context, JinjaValue container, JinjaValue wanted)
    {
        switch (container)
        {
            case TextValue text:
                context.SpendText(text.Value.Length);
                return text.Value.Contains(Arguments.Text(wanted, "in").Value, StringComparison.Ordinal);
            case DictionaryValue dictionary:
                return dictionary.TryGet(wanted, out _);
            case NamespaceValue or NoneValue or IntegerValue or FloatValue or BooleanValue or CallableValue:
                throw new JinjaException($"nothing can be in a value of type '{container.TypeName}'");
            default:
                return Sequences.ItemsOf(context, container).Any(item => ValueComparison.AreEqual(item, wanted));
        }
    }
}
