using System.Text;

namespace Orca.Streams.Tests.Support;

/// <summary>Answers that were broken: cut, mixed, said again, or with something hostile put into them.</summary>
internal static class HostileChanges
{
    private static readonly Action<StringBuilder, Random, string>[] All = [Put, Cut, Mix, Turn, Double, Case, Replace, Enclose, Unspace];

    /// <summary>An answer after one to six changes.</summary>
    /// <param name="other">Another answer, which it may be mixed with.</param>
    /// <param name="length">About the most characters that are put into it.</param>
    public static string Of(Random random, string answer, string other, int length)
    {
        var text = new StringBuilder(answer);
        for (var changes = random.Next(1, 7); changes > 0; changes--)
        {
            All[random.Next(All.Length)](text, random, random.Next(2) == 0 ? other : HostileForms.Pieces(random, random.Next(length) + 1));
        }

        return text.ToString();
    }

    private static void Put(StringBuilder text, Random random, string other) => text.Insert(random.Next(text.Length + 1), other);

    private static void Cut(StringBuilder text, Random random, string other)
    {
        var start = random.Next(text.Length + 1);
        text.Remove(start, random.Next(text.Length - start + 1));
    }

    private static void Mix(StringBuilder text, Random random, string other)
    {
        text.Length = random.Next(text.Length + 1);
        text.Append(other.AsSpan(random.Next(other.Length + 1)));
    }

    private static void Turn(StringBuilder text, Random random, string other)
    {
        var units = text.ToString().ToCharArray();
        Array.Reverse(units);
        text.Clear().Append(units);
    }

    private static void Double(StringBuilder text, Random random, string other)
    {
        if (text.Length < 20_000)
        {
            text.Append(other.AsSpan(0, Math.Min(other.Length, 10))).Append(text.ToString());
        }
    }

    private static void Case(StringBuilder text, Random random, string other)
    {
        var changed = random.Next(2) == 0 ? text.ToString().ToUpperInvariant() : text.ToString().ToLowerInvariant();
        text.Clear().Append(changed);
    }

    private static void Replace(StringBuilder text, Random random, string other)
    {
        if (text.Length > 0)
        {
            text.Replace($"{text[random.Next(text.Length)]}", HostileForms.One(random, HostilePieces.All), 0, Math.Min(text.Length, 2_000));
        }
    }

    private static void Enclose(StringBuilder text, Random random, string other)
    {
        var (open, close) = HostilePieces.Pairs[random.Next(HostilePieces.Pairs.Length)];
        text.Insert(random.Next(text.Length + 1), open).Append(close);
    }

    private static void Unspace(StringBuilder text, Random random, string other) => text.Replace(" ", random.Next(2) == 0 ? "" : "\n");
}
