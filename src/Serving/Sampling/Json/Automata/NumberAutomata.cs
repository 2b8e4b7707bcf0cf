using System.Globalization;

namespace Orca.Serving.Sampling.Json.Automata;

/// <summary>
/// Numbers as JSON writes them, of so few digits that each is finite and exact enough for anyone who reads it: 15 before and
/// after the point at most, or 16 where bounds are given, up to 2^53 - 1. Bounds and multiples are kept exactly, digit by digit;
/// numbers with either have no exponent.
/// </summary>
internal sealed class NumberAutomata
{
    private const int MostDigits = 15;
    private const int MostExponentDigits = 2;
    private const int MostMultiple = 1_000;
    private const int MostStates = 50_000;
    private const decimal GreatestExact = 9_007_199_254_740_991;

    private readonly bool isInteger;
    private readonly bool hasExponent;
    private readonly int mostWhole;
    private readonly int mostFraction;
    private readonly int multiple;
    private readonly Side positive;
    private readonly Side negative;

    private NumberAutomata(bool isInteger, NumberRange range)
    {
        this.isInteger = isInteger;
        hasExponent = !isInteger && range == NumberRange.All;
        var (places, factor) = (0, 1);
        if (range.MultipleOf is { } step)
        {
            (places, factor) = Scale(step);
        }

        mostFraction = isInteger ? 0 : range.MultipleOf is null ? MostDigits : places;
        multiple = factor;
        Places = places;
        var isBounded = range.Least is not null || range.Most is not null;
        mostWhole = isBounded ? MostDigits + 1 : MostDigits;
        var least = isBounded && !(range.Least?.Value > -GreatestExact) ? new NumberBound(-GreatestExact, false) : range.Least;
        var most = isBounded && !(range.Most?.Value < GreatestExact) ? new NumberBound(GreatestExact, false) : range.Most;
        if (range.Least?.Value > GreatestExact || range.Most?.Value < -GreatestExact)
        {
            (positive, negative) = (Side.None, Side.None);
            return;
        }

        positive = most is { Value: < 0 } or { Value: 0, IsExclusive: true }
            ? Side.None
            : new Side(least is { Value: >= 0 } ? Digits.Of(least) : null, Digits.Of(most));
        negative = least is { Value: >= 0 } ? Side.None : new Side(most is { Value: <= 0 } ? Digits.Of(most) : null, Digits.Of(least));
    }

    private enum Part
    {
        Start,
        Minus,
        Zero,
        Whole,
        Point,
        Fraction,
        Exponent,
        ExponentSign,
        ExponentDigits,
    }

    /// <summary>Any whole number.</summary>
    public static Automaton AnyInteger { get; } = Of(isInteger: true, NumberRange.All)!;

    /// <summary>Any number.</summary>
    public static Automaton AnyNumber { get; } = Of(isInteger: false, NumberRange.All)!;

    private int Places { get; }

    /// <summary>The numbers of a range. Null where there are none.</summary>
    /// <param name="isInteger">Only whole numbers, without a point.</param>
    /// <param name="range">The range.</param>
    /// <exception cref="AutomatonSizeException">It takes too many states.</exception>
    public static Automaton? Of(bool isInteger, NumberRange range)
    {
        var numbers = new NumberAutomata(isInteger, range);
        return Automaton.Explore(new State(Part.Start, false, 0, 0, 0, 0), numbers.MovesFrom, numbers.MayEnd, MostStates);
    }

    /// <summary>
    /// Whether multiples of a number can be told digit by digit: it is some thousandth, or the like, times a whole number up to 1,000.
    /// </summary>
    public static bool CanBeMultiple(decimal step)
    {
        var (places, factor) = step > 0 ? Scale(step) : (0, 0);
        return factor > 0 && places <= MostDigits;
    }

    // The step as factor / 10^places, without needless zeros; a factor of 0 where it would be too great.
    private static (int Places, int Factor) Scale(decimal step)
    {
        var places = 0;
        while (step != decimal.Truncate(step) && step < MostMultiple)
        {
            (step, places) = (step * 10, places + 1);
        }

        return step <= MostMultiple && step == decimal.Truncate(step) ? (places, (int)step) : (0, 0);
    }

    private IEnumerable<(int, int, State)> MovesFrom(State state)
    {
        var side = state.IsNegative ? negative : positive;
        switch (state.Part)
        {
            case Part.Start:
                return (negative.IsNone ? [] : new[] { ((int)'-', (int)'-', state with { Part = Part.Minus, IsNegative = true }) })
                    .Concat(positive.IsNone ? [] : FirstDigits(state, positive));
            case Part.Minus:
                return FirstDigits(state, side);
            case Part.Zero:
                return AfterWhole(state, side);
            case Part.Whole:
                return AfterWhole(state, side).Concat(state.Count < mostWhole ? Each(0, digit => TakeWhole(state, side, digit)) : []);
            case Part.Point:
                return Each(0, digit => TakeFraction(state with { Count = 0 }, side, digit));
            case Part.Fraction:
                return (state.Count < mostFraction ? Each(0, digit => TakeFraction(state, side, digit)) : []).Concat(ExponentMark(state));
            case Part.Exponent:
                return new[] { ((int)'+', (int)'+', state with { Part = Part.ExponentSign }), ('-', '-', state with { Part = Part.ExponentSign }) }
                    .Concat([('0', '9', state with { Part = Part.ExponentDigits, Count = 1 })]);
            case Part.ExponentSign:
                return [('0', '9', state with { Part = Part.ExponentDigits, Count = 1 })];
            default:
                return state.Count < MostExponentDigits ? [('0', '9', state with { Count = state.Count + 1 })] : [];
        }
    }

    private IEnumerable<(int, int, State)> FirstDigits(State state, Side side) => Each(
        isInteger && state.IsNegative ? 1 : 0, digit => TakeWhole(state, side, digit) with { Part = digit == 0 ? Part.Zero : Part.Whole });

    private static IEnumerable<(int, int, State)> Each(int from, Func<int, State> take) =>
        Enumerable.Range(from, 10 - from).Select(digit => ('0' + digit, '0' + digit, take(digit)));

    private IEnumerable<(int, int, State)> AfterWhole(State state, Side side) => mostFraction == 0 ? ExponentMark(state) : ExponentMark(state).Append(('.', '.', state with
    {
        Part = Part.Point,
        Count = 0,
        ToLeast = side.Least is { } least ? least.AfterWhole(state.ToLeast, state.Count) : 0,
        ToMost = side.Most is { } most ? most.AfterWhole(state.ToMost, state.Count) : 0,
    }));

    private IEnumerable<(int, int, State)> ExponentMark(State state)
    {
        var after = new State(Part.Exponent, false, 0, 0, 0, 0);
        return hasExponent ? [('E', 'E', after), ('e', 'e', after)] : [];
    }

    private State TakeWhole(State state, Side side, int digit) => state with
    {
        Part = Part.Whole,
        Count = state.Count + 1,
        ToLeast = side.Least?.WithWhole(state.ToLeast, state.Count, digit) ?? 0,
        ToMost = side.Most?.WithWhole(state.ToMost, state.Count, digit) ?? 0,
        Remainder = ((state.Remainder * 10) + digit) % multiple,
    };

    private State TakeFraction(State state, Side side, int digit) => state with
    {
        Part = Part.Fraction,
        Count = state.Count + 1,
        ToLeast = side.Least?.WithFraction(state.ToLeast, state.Count, digit) ?? 0,
        ToMost = side.Most?.WithFraction(state.ToMost, state.Count, digit) ?? 0,
        Remainder = ((state.Remainder * 10) + digit) % multiple,
    };

    private bool MayEnd(State state)
    {
        if (state.Part is not (Part.Zero or Part.Whole or Part.Fraction))
        {
            return state.Part == Part.ExponentDigits;
        }

        var (side, written) = (state.IsNegative ? negative : positive, state.Part == Part.Fraction ? state.Count : 0);
        int Place(Digits bound, int order) =>
            bound.AtEnd(state.Part == Part.Fraction ? order : bound.AfterWhole(order, state.Count), written);
        var remainder = state.Remainder;
        for (var place = written; place < Places; place++)
        {
            remainder = remainder * 10 % multiple;
        }

        return remainder == 0
            && (side.Least is not { } least || Place(least, state.ToLeast) is > 0 || (Place(least, state.ToLeast) == 0 && !least.IsExclusive))
            && (side.Most is not { } most || Place(most, state.ToMost) is < 0 || (Place(most, state.ToMost) == 0 && !most.IsExclusive));
    }

    /// <summary>How far a number is written.</summary>
    /// <param name="Part">The part of it.</param>
    /// <param name="IsNegative">Whether it began with a minus.</param>
    /// <param name="Count">Digits of the part.</param>
    /// <param name="ToLeast">Whether its digits are below (-1), equal (0) or above (1) as many of the lower bound's.</param>
    /// <param name="ToMost">The same of the upper bound's.</param>
    /// <param name="Remainder">Of its digits, as a whole number, divided by the multiple.</param>
    private readonly record struct State(Part Part, bool IsNegative, int Count, int ToLeast, int ToMost, int Remainder);

    /// <summary>The bounds of a number without its sign.</summary>
    private sealed record Side(Digits? Least, Digits? Most)
    {
        public static Side None { get; } = new(null, null) { IsNone = true };

        public bool IsNone { get; private init; }
    }

    /// <summary>A bound without its sign, digit by digit.</summary>
    private sealed record Digits(string Whole, string Fraction, bool IsExclusive)
    {
        public static Digits? Of(NumberBound? bound)
        {
            if (bound is not { } given)
            {
                return null;
            }

            var parts = Math.Abs(given.Value).ToString("0.############################", CultureInfo.InvariantCulture).Split('.');
            return new Digits(parts[0], parts.Length > 1 ? parts[1] : "", given.IsExclusive);
        }

        /// <summary>The order after one more digit before the point; a number of more digits is the greater one.</summary>
        public int WithWhole(int order, int index, int digit) =>
            index >= Whole.Length ? 1 : order != 0 ? order : Math.Sign(digit - (Whole[index] - '0'));

        /// <summary>The order when all digits before the point are there.</summary>
        public int AfterWhole(int order, int count) => count < Whole.Length ? -1 : order;

        public int WithFraction(int order, int index, int digit) =>
            order != 0 ? order : Math.Sign(digit - (index < Fraction.Length ? Fraction[index] - '0' : 0));

        /// <summary>The order of the whole number, of so many digits after the point.</summary>
        public int AtEnd(int order, int written) => order != 0 ? order : Fraction.Skip(written).Any(digit => digit != '0') ? -1 : 0;
    }
}

/// <summary>A bound of a number.</summary>
/// <param name="Value">The bound.</param>
/// <param name="IsExclusive">Whether the number may not be equal to it.</param>
internal readonly record struct NumberBound(decimal Value, bool IsExclusive);

/// <summary>Which numbers there are; null: no such bound.</summary>
internal readonly record struct NumberRange(NumberBound? Least, NumberBound? Most, decimal? MultipleOf)
{
    /// <summary>All of them.</summary>
    public static NumberRange All => default;
}
