using System.Collections.Frozen;
using Orca.Model.Prompting.Jinja.Values;

namespace Orca.Model.Prompting.Jinja.Library;

/// <summary>What stands behind <c>is</c>.</summary>
internal delegate bool Test(RenderContext context, JinjaValue value, CallArguments arguments);

/// <summary>The tests that templates may use.</summary>
internal static class Tests
{
    private static readonly FrozenDictionary<string, Test> All = new Dictionary<string, Test>
    {
        ["defined"] = Is(value => value is not UndefinedValue),
        ["undefined"] = Is(value => value is UndefinedValue),
        ["none"] = Is(value => value is NoneValue),
        ["boolean"] = Is(value => value is BooleanValue),
        ["true"] = Is(value => value == BooleanValue.True),
        ["false"] = Is(value => value == BooleanValue.False),
        ["integer"] = Is(value => value is IntegerValue),
        ["float"] = Is(value => value is FloatValue),
        ["number"] = Is(ValueComparison.IsNumber),
        ["string"] = Is(value => value is TextValue),
        ["mapping"] = Is(value => value is DictionaryValue),
        ["iterable"] = Is(Sequences.IsIterable),
        ["sequence"] = Is(Sequences.IsIterable),
        ["callable"] = Is(value => value is CallableValue),
        ["lower"] = (context, value, _) => TextCases.Lower(ValueText.Of(context, value)).Value == ValueText.Of(context, value).Value,
        ["upper"] = (context, value, _) => TextCases.Upper(ValueText.Of(context, value)).Value == ValueText.Of(context, value).Value,
        ["even"] = (context, value, _) => Remainder(context, value, new IntegerValue(2)) == 0,
        ["odd"] = (context, value, _) => Remainder(context, value, new IntegerValue(2)) == 1,
        ["divisibleby"] = (context, value, arguments) =>
            Remainder(context, value, arguments.BindRequired("divisibleby", 1, "num")[0]!) == 0,
        ["sameas"] = (_, value, arguments) => IsSame(value, arguments.BindRequired("sameas", 1, "other")[0]!),
        ["filter"] = (_, value, _) => value is TextValue name && Filters.Find(name.Value) is not null,
        ["test"] = (_, value, _) => value is TextValue name && Find(name.Value) is not null,
        ["in"] = Compares("in"),
        ["=="] = Compares("=="),
        ["eq"] = Compares("=="),
        ["equalto"] = Compares("=="),
        ["!="] = Compares("!="),
        ["ne"] = Compares("!="),
        ["<"] = Compares("<"),
        ["lt"] = Compares("<"),
        ["lessthan"] = Compares("<"),
        ["<="] = Compares("<="),
        ["le"] = Compares("<="),
        [">"] = Compares(">"),
        ["gt"] = Compares(">"),
        ["greaterthan"] = Compares(">"),
        [">="] = Compares(">="),
        ["ge"] = Compares(">="),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>A test by its name; null where there is none.</summary>
    public static Test? Find(string name) => All.GetValueOrDefault(name);

    private static Test Is(Func<JinjaValue, bool> holds) => (_, value, _) => holds(value);

    // Python has one object of each small number.
    private static bool IsSame(JinjaValue value, JinjaValue other) =>
        ReferenceEquals(value, other) || (value is IntegerValue && other is IntegerValue && ValueComparison.AreEqual(value, other));

    private static Test Compares(string symbol) => (context, value, arguments) =>
        Comparisons.Holds(context, symbol, value, arguments.BindRequired("is", 1, "other")[0]!);

    private static double Remainder(RenderContext context, JinjaValue value, JinjaValue by) =>
        Arithmetic.ToDouble(Arithmetic.Apply(context, "%", value is TextValue ? throw NoNumber(value) : value, by));

    private static JinjaException NoNumber(JinjaValue value) => new($"a value of type '{value.TypeName}' is not divided");
}
