using System.Collections;
using System.Text;

namespace Orca.Model.Tokenization.Unicode;

/// <summary>
/// One of Unicode's four normal forms (Unicode Standard Annex 15). Needs no native library, so that texts normalise alike on every
/// machine.
/// </summary>
internal sealed class UnicodeForm
{
    // Hangul syllables are composed by arithmetic: The Unicode Standard, chapter 3.12.
    private const int FirstSyllable = 0xAC00;
    private const int FirstLeading = 0x1100;
    private const int FirstVowel = 0x1161;
    private const int FirstTrailing = 0x11A7; // one before: trailing consonant 0 is none
    private const int Leadings = 19;
    private const int Vowels = 21;
    private const int Trailings = 28;
    private const int Syllables = Leadings * Vowels * Trailings;

    private readonly bool isCompatible;
    private readonly bool composes;
    private readonly Lazy<BitArray> changeable;

    private UnicodeForm(bool isCompatible, bool composes)
    {
        (this.isCompatible, this.composes) = (isCompatible, composes);
        changeable = new Lazy<BitArray>(Changeable);
    }

    /// <summary>Canonical composition.</summary>
    public static UnicodeForm C { get; } = new(isCompatible: false, composes: true);

    /// <summary>Canonical decomposition.</summary>
    public static UnicodeForm D { get; } = new(isCompatible: false, composes: false);

    /// <summary>Compatible composition.</summary>
    public static UnicodeForm KC { get; } = new(isCompatible: true, composes: true);

    /// <summary>Compatible decomposition.</summary>
    public static UnicodeForm KD { get; } = new(isCompatible: true, composes: false);

    /// <summary>The text in this form; lone surrogates become U+FFFD where it changes.</summary>
    public string Apply(string text)
    {
        if (!MayChange(text))
        {
            return text;
        }

        var points = new List<int>(text.Length + 8);
        foreach (var rune in text.EnumerateRunes())
        {
            Decompose(rune.Value, points);
        }

        OrderMarks(points);
        var result = new StringBuilder(text.Length);
        Span<char> units = stackalloc char[2];
        foreach (var point in composes ? Compose(points) : points)
        {
            result.Append(units[..new Rune(point).EncodeToUtf16(units)]);
        }

        return result.ToString();
    }

    private bool MayChange(string text)
    {
        var first = text.AsSpan().IndexOfAnyExceptInRange('\0', '\u009F');
        if (first < 0)
        {
            return false;
        }

        foreach (var rune in text.AsSpan(first).EnumerateRunes())
        {
            if (changeable.Value[rune.Value])
            {
                return true;
            }
        }

        return false;
    }

    // Characters that are not by themselves in this form, or may not be beside another.
    private BitArray Changeable()
    {
        var points = new BitArray(0x110000);
        foreach (var (code, parts) in UnicodeTable.Canonical)
        {
            points[code] |= !composes || UnicodeTable.Composites.GetValueOrDefault(UnicodeTable.PairOf(parts[0], parts[^1])) != code;
        }

        foreach (var code in UnicodeTable.Classes.Keys.Concat(isCompatible ? UnicodeTable.Compatible.Keys : []))
        {
            points[code] = true;
        }

        foreach (var pair in UnicodeTable.Composites.Keys)
        {
            points[(int)pair] = true;
        }

        for (var i = 0; i < Syllables && !composes; i++)
        {
            points[FirstSyllable + i] = true;
        }

        for (var i = 0; i <= FirstTrailing + Trailings - FirstVowel; i++)
        {
            points[FirstVowel + i] = true;
        }

        return points;
    }

    private void Decompose(int code, List<int> points)
    {
        if (code is >= FirstSyllable and < FirstSyllable + Syllables)
        {
            var index = code - FirstSyllable;
            points.Add(FirstLeading + (index / (Vowels * Trailings)));
            points.Add(FirstVowel + (index / Trailings % Vowels));
            if (index % Trailings is > 0 and var trailing)
            {
                points.Add(FirstTrailing + trailing);
            }
        }
        else if ((isCompatible && UnicodeTable.Compatible.TryGetValue(code, out var parts)) || UnicodeTable.Canonical.TryGetValue(code, out parts))
        {
            foreach (var part in parts)
            {
                Decompose(part, points);
            }
        }
        else
        {
            points.Add(code);
        }
    }

    private static int ClassOf(int code) => UnicodeTable.Classes.GetValueOrDefault(code);

    private static void OrderMarks(List<int> points)
    {
        for (var i = 0; i < points.Count; i++)
        {
            var end = i;
            while (end < points.Count && ClassOf(points[end]) != 0)
            {
                end++;
            }

            if (end - i > 1)
            {
                var ordered = points.GetRange(i, end - i).OrderBy(ClassOf).ToList(); // stable
                points.RemoveRange(i, end - i);
                points.InsertRange(i, ordered);
            }

            i = end;
        }
    }

    private static List<int> Compose(List<int> points)
    {
        var result = new List<int>(points.Count);
        var starter = -1; // where the character stands that following ones join
        var lastClass = 0;
        foreach (var point in points)
        {
            var combining = ClassOf(point);
            var isNext = starter == result.Count - 1;
            if (starter >= 0 && (isNext || lastClass < combining) && Composite(result[starter], point) is { } whole)
            {
                result[starter] = whole;
                continue;
            }

            if (combining == 0)
            {
                starter = result.Count;
            }

            lastClass = combining;
            result.Add(point);
        }

        return result;
    }

    private static int? Composite(int first, int second)
    {
        if (first is >= FirstLeading and < FirstLeading + Leadings && second is >= FirstVowel and < FirstVowel + Vowels)
        {
            return FirstSyllable + ((((first - FirstLeading) * Vowels) + second - FirstVowel) * Trailings);
        }

        if (first is >= FirstSyllable and < FirstSyllable + Syllables && (first - FirstSyllable) % Trailings == 0
            && second is > FirstTrailing and < FirstTrailing + Trailings)
        {
            return first + second - FirstTrailing;
        }

        return UnicodeTable.Composites.TryGetValue(UnicodeTable.PairOf(first, second), out var whole) ? whole : null;
    }
}
