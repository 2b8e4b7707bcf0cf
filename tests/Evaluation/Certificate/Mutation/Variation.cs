using System.Text;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Orca.Evaluation.Certificate;
using Orca.Streams.Answers;

namespace Orca.Evaluation.Tests.Certificate.Mutation;

/// <summary>
/// Responses like given ones, with words left out, put in, exchanged or repeated, ends joined, and questions, right answers and kinds
/// taken from one another. What is put in are the extractor's own words and the responses'.
/// </summary>
internal sealed partial class Variation
{
    private static readonly string[] Signs =
    [
        ",", ".", ":", ";", "!", "?", "*", "**", "_", "`", "\"", "'", "“", "”", "’", "\n", "\n\n", " ", "  ", "\t", "(", ")", "[",
        "]", "{", "}", "#", ">", "<", "|", "-", "−", "–", "•", "+", "$", "%", "=", "/", "\\", "…", "…\n", "\\boxed{", "\\text{", "```",
        "</think>", "<think>", "1. ", "2) ", "- ", "* ", "(A)", "B.", "C)", "A", "I", "a", "D", "0", "1", "2", "3.5", "1,000", "1/2",
        "50%", "yes", "no", "not", "Answer: ", "The answer is ", "So the answer is ", "**Answer:** ", "\u00a0", "é", "答案是", "x",
        "10^3", "1e5", "and", "or", "but",
    ];

    private const int MostLimit = 2_000;

    private static readonly AnswerKind[] Kinds = Enum.GetValues<AnswerKind>();

    private readonly Random random;
    private readonly string[] words;
    private readonly int[] limits;
    private readonly CertificateCase[] all;

    /// <param name="program">The extractor, for its words and limits.</param>
    /// <param name="cases">The responses to vary.</param>
    /// <param name="seed">Decides all draws.</param>
    public Variation(ExtractorProgram program, IEnumerable<CertificateCase> cases, int seed)
    {
        random = new Random(seed);
        all = [.. cases];
        var literals = program.Sources.Values
            .SelectMany(tree => tree.GetRoot().DescendantNodes().OfType<LiteralExpressionSyntax>()).ToArray();
        string[] said =
        [
            .. literals.Select(literal => literal.Token.Value).OfType<string>().Where(text => text.Length is > 0 and < 40),
            .. literals.Select(literal => literal.Token.Value).OfType<char>().Select(sign => $"{sign}"),
            .. program.Patterns.SelectMany(pattern => Letters().Matches(pattern.Pattern)).Select(match => match.Value),
        ];
        var heard = all.SelectMany(one => Pieces().Matches($"{one.Response} {one.Gold}").Select(match => match.Value));
        words = [.. said.Concat(heard).Distinct()];
        limits =
        [
            .. literals.Select(literal => literal.Token.Value).OfType<int>().Concat(Limits(program))
                .Where(limit => limit is > 1 and <= MostLimit).Distinct(),
        ];
    }

    /// <summary>One of some responses, varied.</summary>
    public CertificateCase Of(IReadOnlyList<CertificateCase> seeds)
    {
        var one = seeds[random.Next(seeds.Count)];
        for (var change = random.Next(1, 5); change > 0; change--)
        {
            one = random.Next(16) switch
            {
                0 => one with { Question = Other(one.Kind).Question },
                1 => one with { Question = Varied(one.Question) },
                2 => one with { Gold = random.Next(3) == 0 ? Other(one.Kind).Gold : PieceOf(one.Response) },
                3 => one with { Gold = Varied(one.Gold) },
                4 => one with { Kind = Kinds[random.Next(Kinds.Length)] },
                5 => one with { Response = Joined(one.Response, Other(one.Kind).Response) },
                6 => one with { Response = Near(one.Response, one.Gold) },
                7 => one with { Response = Long(one.Response) },
                _ => one with { Response = Varied(one.Response) },
            };
        }

        return one with { Style = "varied" };
    }

    private static IEnumerable<int> Limits(ExtractorProgram program) =>
        program.Patterns.SelectMany(pattern => Bounds().Matches(pattern.Pattern)).Select(match => int.Parse(match.Groups["n"].ValueSpan));

    private CertificateCase Other(AnswerKind kind)
    {
        for (var tries = 0; tries < 10; tries++)
        {
            var other = all[random.Next(all.Length)];
            if (other.Kind == kind)
            {
                return other;
            }
        }

        return all[random.Next(all.Length)];
    }

    private string Word() => random.Next(2) == 0 ? Signs[random.Next(Signs.Length)] : words[random.Next(words.Length)];

    private string Varied(string text)
    {
        var pieces = Pieces().Matches(text).Select(match => match.Value).ToList();
        var at = random.Next(pieces.Count + 1);
        switch (random.Next(6))
        {
            case 0:
                var count = Math.Min(pieces.Count - at, random.Next(1, 1 + Math.Max(1, pieces.Count / (random.Next(4) + 1))));
                pieces.RemoveRange(at, count);
                break;
            case 1 when at < pieces.Count:
                pieces[at] = Word();
                break;
            case 2 when at < pieces.Count:
                pieces.Insert(random.Next(pieces.Count), pieces[at]);
                break;
            case 3 when at < pieces.Count:
                pieces[at] = random.Next(2) == 0 ? pieces[at].ToUpperInvariant() : pieces[at].ToLowerInvariant();
                break;
            case 4:
                pieces.Insert(at, $" {Word()} ");
                break;
            default:
                pieces.Insert(at, Word());
                break;
        }

        return string.Concat(pieces);
    }

    // A word before or behind the right answer.
    private string Near(string response, string gold)
    {
        var at = gold.Length == 0 ? -1 : response.IndexOf(gold, StringComparison.OrdinalIgnoreCase);
        var word = Word();
        return random.Next(4) switch
        {
            0 when at >= 0 => $"{response[..at]}{word} {response[at..]}",
            1 when at >= 0 => $"{response[..(at + gold.Length)]} {word}{response[(at + gold.Length)..]}",
            2 => $"{word} {gold}",
            _ => $"{gold} {word}",
        };
    }

    private string PieceOf(string text)
    {
        var pieces = Pieces().Matches(text).Select(match => match.Value).ToArray();
        var at = random.Next(pieces.Length + 1);
        return string.Concat(pieces.Skip(at).Take(random.Next(1, 6))).Trim();
    }

    private string Joined(string first, string second) =>
        first[..random.Next(first.Length + 1)] + (random.Next(2) == 0 ? "\n" : "") + second[random.Next(second.Length + 1)..];

    // As long as one of the extractor's limits, or a little more or less.
    private string Long(string text)
    {
        var limit = limits[random.Next(limits.Length)] + random.Next(-2, 3);
        var piece = random.Next(3) switch { 0 => PieceOf(text), 1 => " ", _ => Word() };
        piece = piece.Length == 0 ? "x" : piece;
        var at = random.Next(text.Length + 1);
        var repeated = new StringBuilder();
        var byCount = random.Next(2) == 0;
        for (var i = 0; byCount ? i < limit : repeated.Length + (random.Next(2) * text.Length) < limit; i++)
        {
            repeated.Append(piece);
        }

        return text.Insert(at, repeated.ToString());
    }

    [GeneratedRegex(@"\w+|\s+|[^\w\s]")]
    private static partial Regex Pieces();

    [GeneratedRegex(@"(?<![\\\w])[A-Za-z]{2,}(?:['’][a-z]+)?")]
    private static partial Regex Letters();

    [GeneratedRegex(@",(?<n>\d+)\}")]
    private static partial Regex Bounds();
}
