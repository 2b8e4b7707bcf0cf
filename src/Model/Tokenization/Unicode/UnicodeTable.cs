using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;

namespace Orca.Model.Tokenization.Unicode;

/// <summary>
/// What the runtime does not tell of Unicode without its native library: decompositions, combining classes and scripts, read from
/// <c>unicode.txt</c>, which <c>scripts/unicode-tables.mjs</c> writes.
/// </summary>
/// <remarks>
/// Lines: <c>C=A B</c> is a character made of two that becomes one again; <c>C-A…</c> decomposes and stays so; <c>C~A…</c> is a
/// decomposition that loses the form (compatibility); <c>@N A…</c> are the marks of the Nth combining class in order, and
/// <c>Name: A-B…</c> are the characters of a script.
/// </remarks>
internal static class UnicodeTable
{
    private static readonly Dictionary<int, int[]> CanonicalLines = [];
    private static readonly Dictionary<int, int[]> CompatibleLines = [];
    private static readonly Dictionary<long, int> CompositeLines = [];
    private static readonly Dictionary<int, byte> ClassLines = [];
    private static readonly Dictionary<string, CharacterSet> ScriptLines = new(StringComparer.Ordinal);

    static UnicodeTable()
    {
        using var resource = Assembly.GetExecutingAssembly().GetManifestResourceStream("unicode.txt")!;
        using var lines = new StreamReader(resource);
        while (lines.ReadLine() is { } line)
        {
            Read(line);
        }

        Canonical = CanonicalLines.ToFrozenDictionary();
        Compatible = CompatibleLines.ToFrozenDictionary();
        Composites = CompositeLines.ToFrozenDictionary();
        Classes = ClassLines.ToFrozenDictionary();
        Scripts = ScriptLines.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>One step of canonical decomposition: the parts may decompose again.</summary>
    public static FrozenDictionary<int, int[]> Canonical { get; }

    /// <summary>The whole compatible decomposition of characters where it is another than the canonical one.</summary>
    public static FrozenDictionary<int, int[]> Compatible { get; }

    /// <summary>The character that two become, by <see cref="PairOf"/>.</summary>
    public static FrozenDictionary<long, int> Composites { get; }

    /// <summary>Order of the combining class of a mark, from 1; characters that are none are absent.</summary>
    public static FrozenDictionary<int, byte> Classes { get; }

    /// <summary>Characters of scripts by name, such as <c>Han</c>.</summary>
    public static FrozenDictionary<string, CharacterSet> Scripts { get; }

    /// <summary>The key of two characters in <see cref="Composites"/>.</summary>
    public static long PairOf(int first, int second) => ((long)first << 32) | (uint)second;

    private static void Read(string line)
    {
        var sign = line.AsSpan().IndexOfAny("#=-~@:");
        if (line[sign] == '@')
        {
            var parts = line[1..].Split(' ');
            foreach (var mark in parts[1..])
            {
                ClassLines.Add(Number(mark), (byte)Number(parts[0]));
            }
        }
        else if (line[sign] == ':')
        {
            ScriptLines.Add(line[..sign], new CharacterSet(line[(sign + 2)..].Split(' ').Select(RangeOf)));
        }
        else if (line[sign] != '#')
        {
            var code = Number(line[..sign]);
            int[] parts = [.. line[(sign + 1)..].Split(' ').Select(Number)];
            (line[sign] == '~' ? CompatibleLines : CanonicalLines).Add(code, parts);
            if (line[sign] == '=')
            {
                CompositeLines.Add(PairOf(parts[0], parts[1]), code);
            }
        }
    }

    private static (int First, int Last) RangeOf(string text)
    {
        var ends = text.Split('-');
        return (Number(ends[0]), Number(ends[^1]));
    }

    private static int Number(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
