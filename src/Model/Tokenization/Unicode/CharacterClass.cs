using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Orca.Model.Tokenization.Unicode;

/// <summary>The characters that one place of a pattern admits, as .NET writes them and as a set.</summary>
/// <param name="Set">All of them.</param>
/// <param name="Text">What stands between the brackets of .NET's class; null where only ranges can say it.</param>
/// <param name="IsNegated">Whether the brackets exclude.</param>
internal sealed record CharacterClass(CharacterSet Set, string? Text, bool IsNegated = false)
{
    private static readonly FrozenDictionary<string, UnicodeCategory[]> Categories = CategoriesByName();
    private static readonly Lazy<FrozenDictionary<string, CharacterClass>> Properties = new(PropertiesByName);

    /// <summary>White space.</summary>
    public static CharacterClass Space { get; } = new(new([(9, 13), (32, 32), (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680),
        (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000)]), @"\s");

    /// <summary>Decimal digits.</summary>
    public static CharacterClass Digit { get; } = OfCategories("Nd");

    /// <summary>Hexadecimal digits of ASCII.</summary>
    public static CharacterClass HexDigit { get; } = new(new([('0', '9'), ('A', 'F'), ('a', 'f')]), "0-9A-Fa-f");

    /// <summary>Letters, and letter-like numbers and symbols.</summary>
    public static CharacterClass Alphabetic { get; } = Letters();

    /// <summary>Letters, marks, decimal digits and connecting punctuation.</summary>
    public static CharacterClass Word { get; } = Alphabetic.Or(OfCategories("M")).Or(Digit).Or(OfCategories("Pc"));

    /// <summary>Punctuation, and the other visible signs of ASCII.</summary>
    public static CharacterClass Punctuation { get; } = OfCategories("P").Or(Of('$'))
        .Or(Of('+')).Or(Between('<', '>')).Or(Of('^')).Or(Of('`')).Or(Of('|')).Or(Of('~'));

    /// <summary>One character.</summary>
    public static CharacterClass Of(int code) => Between(code, code);

    /// <summary>The characters from one to another.</summary>
    public static CharacterClass Between(int first, int last) =>
        new(new([(first, last)]), last > char.MaxValue ? null : first == last ? Escape(first) : $"{Escape(first)}-{Escape(last)}");

    /// <summary>A general category, a script or another property by its name; null for one that is not known.</summary>
    public static CharacterClass? Named(string name)
    {
        var plain = name.Replace("_", "", StringComparison.Ordinal)
            .Replace(" ", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);
        return Categories.TryGetValue(plain, out _) ? OfCategories(plain)
            : Properties.Value.TryGetValue(plain, out var known) ? known
            : UnicodeTable.Scripts.FirstOrDefault(script => script.Key.Equals(plain, StringComparison.OrdinalIgnoreCase)).Value is { } script ? new(script, null)
            : null;
    }

    /// <summary>All other characters.</summary>
    public CharacterClass Not() => new(Set.Complement(), Text, !IsNegated);

    /// <summary>The characters of either.</summary>
    public CharacterClass Or(CharacterClass other) =>
        new(Set.With(other.Set), IsNegated || other.IsNegated || Text is null || other.Text is null ? null : Text + other.Text);

    /// <summary>The characters of both.</summary>
    public CharacterClass And(CharacterClass other) => new(Set.And(other.Set), null);

    /// <summary>The same, whatever the case.</summary>
    public CharacterClass IgnoringCase() => Set.IgnoringCase() is var all && all.Ranges.SequenceEqual(Set.Ranges) ? this : new(all, null);

    /// <summary>A character, or a range's end, as it stands between brackets.</summary>
    public static string Escape(int code) => code is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or ' '
        ? ((char)code).ToString()
        : $"\\u{code:X4}";

    private static CharacterClass OfCategories(string name)
    {
        var categories = Categories[name];
        return new(categories.Aggregate(CharacterSet.Empty, (all, category) => all.With(CharacterSet.Of(category))), name switch
        {
            "LC" => @"\p{Lu}\p{Ll}\p{Lt}",
            _ => $"\\p{{{NameOf(categories)}}}",
        });
    }

    // .NET knows the short names alone.
    private static string NameOf(UnicodeCategory[] categories) =>
        Categories.Where(entry => entry.Value.SequenceEqual(categories) && entry.Key.Length <= 2).MinBy(entry => entry.Key.Length).Key;

    private static CharacterClass Letters()
    {
        var circled = Between(0x24B6, 0x24E9);
        var beyond = new CharacterClass(new([(0x1F130, 0x1F149), (0x1F150, 0x1F169), (0x1F170, 0x1F189)]), "");
        return OfCategories("L").Or(OfCategories("Nl")).Or(circled).Or(beyond);
    }

    private static FrozenDictionary<string, CharacterClass> PropertiesByName()
    {
        return new Dictionary<string, CharacterClass>(StringComparer.OrdinalIgnoreCase)
        {
            ["Alphabetic"] = Alphabetic,
            ["Alpha"] = Alphabetic,
            ["Space"] = Space,
            ["WhiteSpace"] = Space,
            ["Digit"] = Digit,
            ["Word"] = Word,
            ["Alnum"] = Alphabetic.Or(OfCategories("M")).Or(Digit),
            ["Upper"] = OfCategories("Lu"),
            ["Lower"] = OfCategories("Ll"),
            ["Punct"] = OfCategories("P").Or(OfCategories("S")),
            ["XDigit"] = HexDigit,
            ["Cntrl"] = OfCategories("Cc"),
            ["ASCII"] = Between(0, 0x7F),
            ["Any"] = new(CharacterSet.Empty.Complement(), null),
        }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }

    private static FrozenDictionary<string, UnicodeCategory[]> CategoriesByName()
    {
        (string Short, string Long, UnicodeCategory Category)[] single =
        [
            ("Lu", "UppercaseLetter", UnicodeCategory.UppercaseLetter), ("Ll", "LowercaseLetter", UnicodeCategory.LowercaseLetter),
            ("Lt", "TitlecaseLetter", UnicodeCategory.TitlecaseLetter), ("Lm", "ModifierLetter", UnicodeCategory.ModifierLetter),
            ("Lo", "OtherLetter", UnicodeCategory.OtherLetter), ("Mn", "NonspacingMark", UnicodeCategory.NonSpacingMark),
            ("Mc", "SpacingMark", UnicodeCategory.SpacingCombiningMark), ("Me", "EnclosingMark", UnicodeCategory.EnclosingMark),
            ("Nd", "DecimalNumber", UnicodeCategory.DecimalDigitNumber), ("Nl", "LetterNumber", UnicodeCategory.LetterNumber),
            ("No", "OtherNumber", UnicodeCategory.OtherNumber), ("Pc", "ConnectorPunctuation", UnicodeCategory.ConnectorPunctuation),
            ("Pd", "DashPunctuation", UnicodeCategory.DashPunctuation), ("Ps", "OpenPunctuation", UnicodeCategory.OpenPunctuation),
            ("Pe", "ClosePunctuation", UnicodeCategory.ClosePunctuation),
            ("Pi", "InitialPunctuation", UnicodeCategory.InitialQuotePunctuation),
            ("Pf", "FinalPunctuation", UnicodeCategory.FinalQuotePunctuation), ("Po", "OtherPunctuation", UnicodeCategory.OtherPunctuation),
            ("Sm", "MathSymbol", UnicodeCategory.MathSymbol), ("Sc", "CurrencySymbol", UnicodeCategory.CurrencySymbol),
            ("Sk", "ModifierSymbol", UnicodeCategory.ModifierSymbol), ("So", "OtherSymbol", UnicodeCategory.OtherSymbol),
            ("Zs", "SpaceSeparator", UnicodeCategory.SpaceSeparator), ("Zl", "LineSeparator", UnicodeCategory.LineSeparator),
            ("Zp", "ParagraphSeparator", UnicodeCategory.ParagraphSeparator), ("Cc", "Control", UnicodeCategory.Control),
            ("Cf", "Format", UnicodeCategory.Format), ("Co", "PrivateUse", UnicodeCategory.PrivateUse),
            ("Cn", "Unassigned", UnicodeCategory.OtherNotAssigned), ("Cs", "Surrogate", UnicodeCategory.Surrogate),
        ];
        var byName = new Dictionary<string, UnicodeCategory[]>(StringComparer.OrdinalIgnoreCase);
        foreach (var (shortName, longName, category) in single)
        {
            byName[shortName] = byName[longName] = [category];
        }

        (string Short, string Long)[] groups = [("L", "Letter"), ("M", "Mark"), ("N", "Number"), ("P", "Punctuation"), ("S", "Symbol"),
            ("Z", "Separator"),
            ("C", "Other")];
        foreach (var (shortName, longName) in groups)
        {
            byName[shortName] = byName[longName] = [.. single.Where(one => one.Short[0] == shortName[0]).Select(one => one.Category)];
        }

        byName["LC"] = byName["CasedLetter"] = [UnicodeCategory.UppercaseLetter, UnicodeCategory.LowercaseLetter,
            UnicodeCategory.TitlecaseLetter];
        return byName.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }
}
