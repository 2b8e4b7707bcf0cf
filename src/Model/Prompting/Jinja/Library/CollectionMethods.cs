using Orca.Model.Prompting.Jinja.Values;

namespace Orca.Model.Prompting.Jinja.Library;

/// <summary>The methods of dictionaries, lists and loops. None changes its value.</summary>
internal static class CollectionMethods
{
    /// <summary>The names of them all.</summary>
    public static string[] Names => ["get", "items", "keys", "values", "copy", "index", "count", "cycle", "changed"];

    /// <summary>Python's methods that change what they are called on: Hugging Face's sandbox allows none of them.</summary>
    public static string[] ChangingNames =>
        ["append", "extend", "insert", "pop", "popitem", "remove", "clear", "sort", "reverse", "update", "setdefault"];

    public static CallableValue? Find(DictionaryValue dictionary, string name) => name switch
    {
        "get" => new(name, (_, arguments) =>
        {
            var bound = arguments.BindRequired(name, 1, "key", "default");
            return dictionary.TryGet(bound[0]!, out var value) ? value : bound[1] ?? NoneValue.Instance;
        }),
        "items" => Simple(
            name, context => Listed(context, dictionary.Entries.Select(entry => new ListValue([entry.Key, entry.Value], isTuple: true)))),
        "keys" => Simple(name, context => Listed(context, dictionary.Entries.Select(entry => entry.Key))),
        "values" => Simple(name, context => Listed(context, dictionary.Entries.Select(entry => entry.Value))),
        "copy" => Simple(name, _ => dictionary),
        _ => null,
    };

    public static CallableValue? Find(ListValue list, string name) => name switch
    {
        "copy" => Simple(name, _ => list),
        "count" => new(name, (context, arguments) =>
        {
            var wanted = arguments.BindRequired(name, 1, "value")[0]!;
            return new IntegerValue(Sequences.ItemsOf(context, list).Count(item => ValueComparison.AreEqual(item, wanted)));
        }),
        "index" => new(name, (context, arguments) =>
        {
            var wanted = arguments.BindRequired(name, 1, "value")[0]!;
            var items = Sequences.ItemsOf(context, list);
            var place = Enumerable.Range(0, items.Count).FirstOrDefault(i => ValueComparison.AreEqual(items[i], wanted), -1);
            return place >= 0
                ? new IntegerValue(place)
                : throw new JinjaException("the list does not hold the value whose index is asked for");
        }),
        _ => null,
    };

    public static CallableValue? Find(LoopValue loop, string name) => name switch
    {
        "cycle" => new(name, (_, arguments) => arguments.Positional.Length > 0
            ? arguments.Positional[loop.Index % arguments.Positional.Length]
            : throw new JinjaException("'cycle' needs something to choose from")),
        "changed" => new(name, (_, arguments) => BooleanValue.Of(loop.Changed(arguments.Positional))),
        _ => null,
    };

    private static CallableValue Simple(string name, Func<RenderContext, JinjaValue> value) => new(name, (context, arguments) =>
    {
        arguments.Bind(name);
        return value(context);
    });

    private static ListValue Listed(RenderContext context, IEnumerable<JinjaValue> items)
    {
        ListValue list = new([.. items]);
        context.Spend(list.Items.Count);
        return list;
    }
}
