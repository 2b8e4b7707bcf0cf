using System.Globalization;
using System.Text;

namespace Orca.Streams.Tests.Support;

/// <summary>Forms of hostile text; each is made by chance, of about the length that is wanted.</summary>
internal static class HostileForms
{
    private static readonly (char First, char Last)[] Ranges =
    [
        ('\0', '\u001f'), ('\u0080', '\u009f'), ('\u0300', '\u036f'), ('\u0590', '\u05ff'), ('\u0600', '\u06ff'), ('\u0900', '\u097f'),
        ('\u2000', '\u206f'),
        ('\u2150', '\u218f'), ('\u2200', '\u22ff'), ('\u4e00', '\u9fff'), ('\ud800', '\udbff'), ('\udc00', '\udfff'), ('\ue000', '\uf8ff'),
        ('\uff00', '\uffff'),
        ('!', '/'), ('0', '9'), ('A', 'z'),
    ];

    private static readonly string[] WhiteSpace = [" ", "\n", "\t", "\r", "\u00a0", "\u2003", "\u3000", "\u2028", "\u0085", "\v", "\u200b"];

    private static readonly string[] Joints =
        ["/", ".", ",", "e", "E+", "e-", "-", " ", "^", "*", "×", "=", " / ", "/-", "%", "$", ":", "\\frac{1}{", "−", "''"];

    /// <summary>Every form.</summary>
    public static readonly Func<Random, int, string>[] All =
        [CodeUnits, OfARange, OneThing, Pieces, Signs, Nested, Json, Table, Numbers, Options, LongWords, Gaps, SameSentences];

    public static string CodeUnits(Random random, int length) =>
        string.Create(length, random, static (text, random) =>
        {
            foreach (ref var unit in text)
            {
                unit = (char)random.Next(char.MaxValue + 1);
            }
        });

    public static string OfARange(Random random, int length)
    {
        var (first, last) = Ranges[random.Next(Ranges.Length)];
        return string.Create(length, random, (text, random) =>
        {
            foreach (ref var unit in text)
            {
                unit = random.Next(12) == 0 ? ' ' : (char)random.Next(first, last + 1);
            }
        });
    }

    public static string OneThing(Random random, int length) =>
        Times(One(random, HostilePieces.All), length);

    public static string Pieces(Random random, int length) => Grown(length, _ => One(random, HostilePieces.All));

    public static string Signs(Random random, int length) =>
        Grown(length, _ => random.Next(2) == 0 ? "a" : One(random, HostilePieces.Signs));

    // Opened, and closed as often, less often, or by something else.
    public static string Nested(Random random, int length)
    {
        var (open, close) = HostilePieces.Pairs[random.Next(HostilePieces.Pairs.Length)];
        var (otherOpen, otherClose) = HostilePieces.Pairs[random.Next(HostilePieces.Pairs.Length)];
        return string.Concat(
            Times(open + otherOpen, length / 2),
            One(random, HostilePieces.OfAnswers),
            random.Next(3) switch
            {
                0 => Times(otherClose + close, length / 2),
                1 => Times(close + otherClose, length / 2),
                _ => Times(otherClose, random.Next(length)),
            });
    }

    public static string Json(Random random, int length) => Grown(length, _ => random.Next(7) switch
    {
        0 => "{\"answer\": \"",
        1 => "\", \"explanation\": [",
        2 => "]}",
        3 => "\"\\ud800\\u0000\\\"",
        4 => ": null, ",
        5 => "```json\n{",
        _ => "\"" + One(random, HostilePieces.All) + "\"",
    });

    public static string Table(Random random, int length)
    {
        var columns = random.Next(1, 40);
        return Grown(length, _ =>
        {
            var cells = Enumerable.Range(0, columns).Select(_ => "|" + One(random, HostilePieces.All));
            return string.Concat(cells) + (random.Next(9) == 0 ? "" : "|\n");
        });
    }

    public static string Numbers(Random random, int length) => Grown(length, left => random.Next(5) switch
    {
        0 => new string((char)('0' + random.Next(10)), random.Next(1, Math.Min(left, 2000) + 1)),
        1 => random.NextInt64().ToString(CultureInfo.InvariantCulture),
        2 => Math.ScaleB(random.NextDouble(), random.Next(-1100, 1024)).ToString("R", CultureInfo.InvariantCulture),
        3 => random.Next(1000).ToString("D3", CultureInfo.InvariantCulture) + ",",
        _ => One(random, Joints),
    });

    public static string Options(Random random, int length)
    {
        var opening = One(random, ["Options:\n", "Choose from: ", "", "Which one?\n", "options \t"]);
        var form = One(random, ["(§) ", "§) ", "§. ", "- ", "[§] ", "§: ", "(§)", "\n(§) ", "**§.** ", "§, "]);
        return opening + Grown(length, left =>
        {
            var option = random.Next(3) == 0 ? One(random, HostilePieces.All) : Word(random, 9);
            return form.Replace('§', (char)('A' + (left % 60))) + option + One(random, ["\n", " ", ", ", ""]);
        });
    }

    public static string LongWords(Random random, int length) =>
        Grown(length, left => Word(random, left + 1) + One(random, [" ", "-", "_", "'", ". ", "’"]));

    public static string Gaps(Random random, int length) => Grown(length, _ => One(random, WhiteSpace));

    public static string SameSentences(Random random, int length)
    {
        var words = Enumerable.Range(0, random.Next(1, 30)).Select(_ => Word(random, 8));
        var sentence = string.Join(' ', words) + One(random, [". ", "! ", "\n", ", ", " "]);
        return Grown(length, _ => random.Next(9) == 0 ? One(random, HostilePieces.All) : sentence);
    }

    internal static string One(Random random, string[] all) => all[random.Next(all.Length)];

    private static string Word(Random random, int longest) =>
        random.GetString("abcdefghijklmnopqrstuvwxyzäéßA1", random.Next(1, Math.Max(longest, 2)));

    private static string Times(string piece, int length)
    {
        var times = (length / piece.Length) + 1;
        return new StringBuilder(piece.Length * times).Insert(0, piece, times).ToString();
    }

    // The next piece is told how much is left.
    private static string Grown(int length, Func<int, string> next)
    {
        var text = new StringBuilder(length + 64);
        while (text.Length < length)
        {
            text.Append(next(length - text.Length));
        }

        return text.ToString();
    }
}
