using System.Numerics;

namespace Orca.Model.Prompting.Jinja.Values;

/// <summary>Python's equality and order of values.</summary>
internal static class ValueComparison
{
    /// <summary>Equality of the keys of a dictionary. Throws <see cref="JinjaException"/> for values that cannot be keys.</summary>
    public static IEqualityComparer<JinjaValue> OfKeys { get; } = new KeyComparer();

    /// <summary>
    /// Whether two values are equal; values of different kinds are not, but numbers and booleans are compared as numbers.
    /// </summary>
    public static bool AreEqual(JinjaValue left, JinjaValue right)
    {
        RenderContext.GuardStack();
        return (left, right) switch
        {
            (TextValue a, TextValue b) => string.Equals(a.Value, b.Value, StringComparison.Ordinal),
            (NoneValue, NoneValue) or (UndefinedValue, UndefinedValue) => true,
            (ListValue a, ListValue b) => a.IsTuple == b.IsTuple && a.Items.Count == b.Items.Count
                && a.Items.Zip(b.Items).All(pair => AreEqual(pair.First, pair.Second)),
            (DictionaryValue a, DictionaryValue b) => a.Entries.Count == b.Entries.Count
                && a.Entries.All(entry => b.TryGet(entry.Key, out var other) && AreEqual(entry.Value, other)),
            _ => IsNumber(left) && IsNumber(right) ? CompareNumbers(left, right) == 0 : ReferenceEquals(left, right),
        };
    }

    /// <summary>Below zero where the left one comes first, zero where neither does.</summary>
    /// <exception cref="JinjaException">The two have no order.</exception>
    public static int Compare(JinjaValue left, JinjaValue right)
    {
        RenderContext.GuardStack();
        return (left, right) switch
        {
            (TextValue a, TextValue b) => CompareTexts(a.Value, b.Value),
            (ListValue a, ListValue b) when a.IsTuple == b.IsTuple => CompareLists(a.Items, b.Items),
            (UndefinedValue a, _) => throw a.Fault(),
            (_, UndefinedValue b) => throw b.Fault(),
            _ => IsNumber(left) && IsNumber(right)
                ? CompareNumbers(left, right) ?? 1
                : throw new JinjaException($"'{left.TypeName}' and '{right.TypeName}' have no order between them"),
        };
    }

    /// <summary>Whether it is a number, which true and false are.</summary>
    public static bool IsNumber(JinjaValue value) => value is IntegerValue or FloatValue or BooleanValue;

    /// <summary>The whole number that an integer or a boolean is.</summary>
    public static BigInteger? WholeNumber(JinjaValue value) => value switch
    {
        IntegerValue integer => integer.Value,
        BooleanValue boolean => boolean.IsTrue ? 1 : 0,
        _ => null,
    };

    // Null: not a number (NaN) is among them.
    private static int? CompareNumbers(JinjaValue left, JinjaValue right)
    {
        if (WholeNumber(left) is { } a && WholeNumber(right) is { } b)
        {
            return a.CompareTo(b);
        }

        var (x, y) = (ToDouble(left), ToDouble(right));
        return double.IsNaN(x) || double.IsNaN(y) ? null : x.CompareTo(y);
    }

    private static double ToDouble(JinjaValue number) => number is FloatValue real ? real.Value : (double)WholeNumber(number)!.Value;

    private static int CompareLists(IReadOnlyList<JinjaValue> left, IReadOnlyList<JinjaValue> right)
    {
        for (var i = 0; i < left.Count && i < right.Count; i++)
        {
            if (!AreEqual(left[i], right[i]))
            {
                return Compare(left[i], right[i]);
            }
        }

        return left.Count.CompareTo(right.Count);
    }

    // Python orders by code points: in UTF-16, surrogates would come before U+E000 to U+FFFF.
    private static int CompareTexts(string left, string right)
    {
        var i = left.AsSpan().CommonPrefixLength(right);
        if (i == left.Length || i == right.Length)
        {
            return left.Length.CompareTo(right.Length);
        }

        return Rank(left[i]).CompareTo(Rank(right[i]));

        static int Rank(char unit) => char.IsSurrogate(unit) ? unit + 0x10000 : unit;
    }

    private sealed class KeyComparer : IEqualityComparer<JinjaValue>
    {
        public bool Equals(JinjaValue? x, JinjaValue? y) => AreEqual(x!, y!);

        public int GetHashCode(JinjaValue key) => key switch
        {
            TextValue text => text.Value.GetHashCode(StringComparison.Ordinal),
            NoneValue => 1,
            ListValue { IsTuple: true } tuple => tuple.Items.Aggregate(2, (hash, item) => HashCode.Combine(hash, GetHashCode(item))),
            _ when IsNumber(key) => ToDouble(key).GetHashCode(),
            _ => throw new JinjaException($"a value of type '{key.TypeName}' cannot be a key"),
        };
    }
}
