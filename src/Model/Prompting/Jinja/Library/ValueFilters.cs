using Orca.Model.Prompting.Jinja.Values;

namespace Orca.Model.Prompting.Jinja.Library;

/// <summary>The filters of values of any kind.</summary>
internal static class ValueFilters
{
    public static IEnumerable<KeyValuePair<string, Filter>> All => new Dictionary<string, Filter>
    {
        ["default"] = Default,
        ["d"] = Default,
        ["string"] = (context, value, _) => value is TextValue ? value : new TextValue(ValueText.Of(context, value)),
        ["tojson"] = ToJson,
        ["attr"] = (_, value, arguments) =>
            Members.Attribute(value, Arguments.Text(arguments.BindRequired("attr", 1, "name")[0], "attr").Value),
    };

    private static JinjaValue Default(RenderContext context, JinjaValue value, CallArguments arguments)
    {
        var bound = arguments.Bind("default", "default_value", "boolean");
        return value is UndefinedValue || (Arguments.Flag(bound[1]) && !value.IsTrue) ? bound[0] ?? new TextValue("") : value;
    }

    private static TextValue ToJson(RenderContext context, JinjaValue value, CallArguments arguments)
    {
        var bound = arguments.Bind("tojson", "ensure_ascii", "indent", "separators", "sort_keys");
        var indent = bound[1] switch
        {
            null or NoneValue => null,
            TextValue text => text.Value,
            var width => new string(' ', Math.Clamp(Arguments.Whole(width, "tojson", 0), 0, 64)),
        };
        var (item, key) = (TemplateText.OfTemplate(indent is null ? ", " : ","), TemplateText.OfTemplate(": "));
        if (bound[2] is not (null or NoneValue))
        {
            (item, key) = Sequences.ItemsOf(context, bound[2]!) is [TextValue first, TextValue second]
                ? (first.Text, second.Text)
                : throw new JinjaException("'tojson' needs two texts as separators");
        }

        return new TextValue(new JsonText(context, indent, item, key, Arguments.Flag(bound[3]), Arguments.Flag(bound[0])).Write(value));
    }
}
