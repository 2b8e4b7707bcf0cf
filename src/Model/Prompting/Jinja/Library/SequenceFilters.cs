using Orca.Model.Prompting.Jinja.Values;

namespace Orca.Model.Prompting.Jinja.Library;

/// <summary>The filters of lists, dictionaries and what else has items.</summary>
internal static class SequenceFilters
{
    public static IEnumerable<KeyValuePair<string, Filter>> All => new Dictionary<string, Filter>
    {
        ["length"] = (_, value, _) => new IntegerValue(Sequences.LengthOf(value)),
        ["count"] = (_, value, _) => new IntegerValue(Sequences.LengthOf(value)),
        ["list"] = (context, value, _) => new ListValue(Sequences.ItemsOf(context, value)),
        ["first"] = (context, value, _) => Sequences.ItemsOf(context, value) is [var first, ..] ? first : Nothing("first"),
        ["last"] = (context, value, _) => Sequences.ItemsOf(context, value) is [.., var last] ? last : Nothing("last"),
        ["reverse"] = (context, value, _) => value is TextValue text
            ? context.Spent(Sequences.Reverse(text.Text))
            : new ListValue([.. Sequences.ItemsOf(context, value).Reverse()]),
        ["join"] = Join,
        ["items"] = (context, value, _) => value switch
        {
            UndefinedValue => new ListValue([]),
            DictionaryValue dictionary => CollectionMethods.Find(dictionary, "items")!.Call(context, CallArguments.None),
            _ => throw new JinjaException($"'items' needs a dictionary, not a value of type '{value.TypeName}'"),
        },
        ["dictsort"] = DictSort,
        ["sort"] = Sort,
        ["unique"] = Unique,
        ["min"] = (context, value, arguments) => Extreme(context, "min", value, arguments, -1),
        ["max"] = (context, value, arguments) => Extreme(context, "max", value, arguments, 1),
        ["sum"] = Sum,
        ["map"] = Selections.Map,
        ["select"] = Selections.Select(wanted: true, byAttribute: false),
        ["reject"] = Selections.Select(wanted: false, byAttribute: false),
        ["selectattr"] = Selections.Select(wanted: true, byAttribute: true),
        ["rejectattr"] = Selections.Select(wanted: false, byAttribute: true),
        ["groupby"] = GroupBy,
        ["batch"] = Batch,
    };

    private static UndefinedValue Nothing(string filter) => new($"'{filter}' of a sequence without items");

    private static TextValue Join(RenderContext context, JinjaValue value, CallArguments arguments)
    {
        var bound = arguments.Bind("join", "d", "attribute");
        var items = Sequences.ItemsOf(context, value);
        var parts = bound[1] is null ? items : items.Select(Selections.ByAttribute(context, bound[1]!));
        return Sequences.Join(context, parts, bound[0] is null ? TemplateText.Empty : ValueText.Of(context, bound[0]!));
    }

    private static ListValue DictSort(RenderContext context, JinjaValue value, CallArguments arguments)
    {
        var bound = arguments.Bind("dictsort", "case_sensitive", "by", "reverse");
        var place = Arguments.OptionalText(bound[1], "dictsort") switch
        {
            null or "key" => 0,
            "value" => 1,
            _ => throw new JinjaException("'dictsort' sorts by 'key' or 'value'"),
        };
        var pairs = value is DictionaryValue dictionary
            ? dictionary.Entries.Select(entry => new[] { entry.Key, entry.Value })
            : throw new JinjaException($"'dictsort' needs a dictionary, not a value of type '{value.TypeName}'");
        var sorted = Ordered(pairs, pair => pair[place], Arguments.Flag(bound[0]), Arguments.Flag(bound[2]));
        context.Spend(dictionary.Entries.Count);
        return new ListValue([.. sorted.Select(pair => new ListValue(pair, isTuple: true))]);
    }

    private static ListValue Sort(RenderContext context, JinjaValue value, CallArguments arguments)
    {
        var bound = arguments.Bind("sort", "reverse", "case_sensitive", "attribute");
        return new ListValue([.. Ordered(
            Sequences.ItemsOf(context, value), Selections.ByAttribute(context, bound[2]),
            Arguments.Flag(bound[1]), Arguments.Flag(bound[0]))]);
    }

    private static ListValue Unique(RenderContext context, JinjaValue value, CallArguments arguments)
    {
        var bound = arguments.Bind("unique", "case_sensitive", "attribute");
        var key = Selections.ByAttribute(context, bound[1]);
        return new ListValue([.. Sequences.ItemsOf(context, value).DistinctBy(
            item => Folded(key(item), Arguments.Flag(bound[0])), ValueComparison.OfKeys)]);
    }

    private static JinjaValue Extreme(RenderContext context, string name, JinjaValue value, CallArguments arguments, int sign)
    {
        var bound = arguments.Bind(name, "case_sensitive", "attribute");
        var key = Selections.ByAttribute(context, bound[1]);
        var items = Sequences.ItemsOf(context, value);
        return items.Count == 0 ? Nothing(name) : items.Aggregate((best, item) => sign * ValueComparison.Compare(
            Folded(key(item), Arguments.Flag(bound[0])), Folded(key(best), Arguments.Flag(bound[0]))) > 0 ? item : best);
    }

    private static JinjaValue Sum(RenderContext context, JinjaValue value, CallArguments arguments)
    {
        var bound = arguments.Bind("sum", "attribute", "start");
        return Sequences.ItemsOf(context, value).Select(Selections.ByAttribute(context, bound[0])).Aggregate(
            bound[1] ?? new IntegerValue(0), (sum, item) => Arithmetic.Apply(context, "+", sum, item));
    }

    private static ListValue GroupBy(RenderContext context, JinjaValue value, CallArguments arguments)
    {
        var bound = arguments.BindRequired("groupby", 1, "attribute", "default", "case_sensitive");
        var key = Selections.ByAttribute(context, bound[0], bound[1]);
        var sorted = Ordered(Sequences.ItemsOf(context, value), key, Arguments.Flag(bound[2]), reverse: false);
        return new ListValue([.. sorted.GroupBy(item => Folded(key(item), Arguments.Flag(bound[2])), ValueComparison.OfKeys)
            .Select(group => new ListValue([key(group.First()), new ListValue([.. group])], isTuple: true))]);
    }

    private static ListValue Batch(RenderContext context, JinjaValue value, CallArguments arguments)
    {
        var bound = arguments.BindRequired("batch", 1, "linecount", "fill_with");
        var size = Math.Clamp(Arguments.Whole(bound[0], "batch", 1), 1, 1_000_000);
        var rows = Sequences.ItemsOf(context, value).Chunk(size).Select(row => row.ToList()).ToList();
        if (bound[1] is { } filling and not NoneValue && rows is [.., var last])
        {
            context.Spend(size - last.Count);
            last.AddRange(Enumerable.Repeat(filling, size - last.Count));
        }

        return new ListValue([.. rows.Select(row => new ListValue(row))]);
    }

    private static IEnumerable<T> Ordered<T>(IEnumerable<T> items, Func<T, JinjaValue> key, bool caseSensitive, bool reverse)
    {
        var comparer = Comparer<JinjaValue>.Create((a, b) =>
            reverse ? ValueComparison.Compare(b, a) : ValueComparison.Compare(a, b));
        return items.OrderBy(item => Folded(key(item), caseSensitive), comparer);
    }

    private static JinjaValue Folded(JinjaValue value, bool caseSensitive) =>
        value is TextValue text && !caseSensitive ? new TextValue(TextCases.Lower(text.Text)) : value;
}
