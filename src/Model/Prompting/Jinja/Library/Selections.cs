using System.Globalization;
using Orca.Model.Prompting.Jinja.Values;

namespace Orca.Model.Prompting.Jinja.Library;

/// <summary>The filters that choose among items, or turn each into something else.</summary>
internal static class Selections
{
    /// <summary>An attribute of an item, through dots where there are several; the item itself where none is named.</summary>
    public static Func<JinjaValue, JinjaValue> ByAttribute(RenderContext context, JinjaValue? attribute, JinjaValue? absent = null)
    {
        if (attribute is null or NoneValue)
        {
            return item => item;
        }

        JinjaValue[] path = attribute is TextValue text
            ? [.. text.Value.Split('.').Select(Step)]
            : [attribute];
        return item =>
        {
            foreach (var step in path)
            {
                item = Members.Item(context, item, step);
                item = item is UndefinedValue && absent is not null ? absent : item;
            }

            return item;
        };

        static JinjaValue Step(string name) => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            ? new IntegerValue(index)
            : new TextValue(name);
    }

    /// <summary><c>map(attribute='name')</c> or <c>map('filter', …)</c>.</summary>
    public static JinjaValue Map(RenderContext context, JinjaValue value, CallArguments arguments)
    {
        Func<JinjaValue, JinjaValue> change;
        if (arguments.Positional is [var name, ..])
        {
            var filter = Named(name, Filters.Find, "filter");
            var rest = arguments with { Positional = arguments.Positional[1..] };
            change = item => filter(context, item, rest);
        }
        else
        {
            var bound = arguments.BindRequired("map", 1, "attribute", "default");
            change = ByAttribute(context, bound[0], bound[1]);
        }

        return new ListValue([.. Sequences.ItemsOf(context, value).Select(change)]);
    }

    /// <summary><c>select</c> and its kind: items that pass a test, or do not; those that are true where no test is named.</summary>
    public static Filter Select(bool wanted, bool byAttribute) => (context, value, arguments) =>
    {
        var rest = arguments.Positional;
        Func<JinjaValue, JinjaValue> subject = item => item;
        if (byAttribute)
        {
            subject = rest is [var attribute, ..]
                ? ByAttribute(context, attribute)
                : throw new JinjaException("an attribute to select by is missing");
            rest = rest[1..];
        }

        Func<JinjaValue, bool> passes = item => item.IsTrue;
        if (rest is [var name, ..])
        {
            var test = Named(name, Tests.Find, "test");
            var given = arguments with { Positional = rest[1..] };
            passes = item => test(context, item, given);
        }

        return new ListValue([.. Sequences.ItemsOf(context, value).Where(item => passes(subject(item)) == wanted)]);
    };

    private static T Named<T>(JinjaValue name, Func<string, T?> find, string kind) where T : class =>
        find(Arguments.Text(name, kind).Value) ?? throw new JinjaException($"there is no {kind} '{((TextValue)name).Value}'");
}
