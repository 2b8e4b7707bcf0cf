using System.Collections.Frozen;
using Orca.Model.Prompting.Jinja.Values;

namespace Orca.Model.Prompting.Jinja.Library;

/// <summary>The functions that every template has.</summary>
internal static class Functions
{
    private const int MaxRange = 100_000;

    private static readonly FrozenDictionary<string, CallableValue> All = new CallableValue[]
    {
        new("range", Range),
        new("dict", (context, arguments) => new DictionaryValue(Pairs(context, "dict", arguments))),
        new("namespace", Namespace),
        new("raise_exception", (context, arguments) =>
            throw new JinjaException(ValueText.Of(context, arguments.BindRequired("raise_exception", 1, "message")[0]!).Value)),
        new("strftime_now", (context, arguments) => new TextValue(DateFormat.Write(
            context.Clock.GetLocalNow(), Arguments.Text(arguments.BindRequired("strftime_now", 1, "format")[0], "strftime_now").Value))),
    }.ToFrozenDictionary(function => function.Name, StringComparer.Ordinal);

    /// <summary>A function by its name; null where there is none.</summary>
    public static CallableValue? Find(string name) => All.GetValueOrDefault(name);

    private static ListValue Range(RenderContext context, CallArguments arguments)
    {
        var given = arguments.BindRequired("range", 1, "start", "stop", "step")
            .Select(value => Arguments.Whole(value, "range", 0)).ToArray();
        var (start, stop, step) = arguments.Positional.Length switch
        {
            1 => (0, given[0], 1),
            2 => (given[0], given[1], 1),
            _ => (given[0], given[1], given[2]),
        };
        if (step == 0)
        {
            throw new JinjaException("the step of a range cannot be 0");
        }

        var count = Math.Max(0, (((long)stop - start) + step - Math.Sign(step)) / step);
        if (count > MaxRange)
        {
            throw new JinjaException($"a range holds {MaxRange} numbers at most");
        }

        context.Spend(count);
        return new ListValue([.. Enumerable.Range(0, (int)count).Select(i => new IntegerValue(start + ((long)i * step)))]);
    }

    private static NamespaceValue Namespace(RenderContext context, CallArguments arguments)
    {
        var space = new NamespaceValue();
        foreach (var (name, value) in Pairs(context, "namespace", arguments))
        {
            space.Variables[Arguments.Text(name, "namespace").Value] = value;
        }

        return space;
    }

    private static IEnumerable<KeyValuePair<JinjaValue, JinjaValue>> Pairs(RenderContext context, string callee, CallArguments arguments)
    {
        var given = (arguments with { Named = [] }).Bind(callee, "values")[0];
        var first = given switch
        {
            null => [],
            DictionaryValue dictionary => dictionary.Entries,
            _ => Sequences.ItemsOf(context, given).Select(pair => Sequences.ItemsOf(context, pair) is [var key, var value]
                ? KeyValuePair.Create(key, value)
                : throw new JinjaException($"'{callee}' needs pairs of a key and a value")),
        };
        return [.. first, .. arguments.Named.Select(one => KeyValuePair.Create<JinjaValue, JinjaValue>(new TextValue(one.Key), one.Value))];
    }
}
