using System.Globalization;
using System.Text.RegularExpressions;

namespace Orca.Streams.Answers;

/// <summary>Lists as answers: sorted words, brackets that close others, numbers in brackets, names between commas.</summary>
internal static partial class ListAnswer
{
    private const int WordsOfAnItem = 6;
    private const int MostItems = 1000;
    private const int MostAround = 12;

    /// <summary>Whether a gold answer is a list, by its own form or by what the question asks for.</summary>
    public static bool Is(string gold, string prompt)
    {
        if (Brackets().IsMatch(gold) || Vector().IsMatch(gold))
        {
            return true;
        }

        var separated = Separators().Split(gold).Where(item => item.Length > 0).ToArray();
        return separated.Length >= 3 || (gold.Contains(';', StringComparison.Ordinal) && separated.Length == 2)
            ? Array.TrueForAll(separated, item => item.Split(' ').Length <= WordsOfAnItem)
            : IsArranged(gold, prompt);
    }

    /// <summary>The list a response states, one item a line; null where it states none.</summary>
    public static string? In(string text)
    {
        var block = Block(Statement.LastIn(text) is { Follows: true } stated ? stated.Text : text);
        return Marks().Count(block) >= 2
            ? Marks().Replace(block, "").Trim()
            : Candidates(text).Prepend(Passages.Conclusion(text) ?? "").Select(Clean.Of).FirstOrDefault(candidate => candidate.Length > 0);
    }

    /// <summary>Whether a response gives a list of the same items, in the same order where the question asks for one.</summary>
    public static AnswerVerdict Judge(string text, string gold, string prompt)
    {
        text = Denials.Removed(text);
        if (Brackets().IsMatch(gold))
        {
            var wanted = Squeezed(gold);
            return Candidates(text).Any(candidate => Signs(candidate) == wanted || LastSigns(candidate) == wanted)
                ? AnswerVerdict.Right
                : AnswerVerdict.Wrong;
        }

        var isSpaced = !Separators().IsMatch(gold.Trim('[', ']', '(', ')', '{', '}', ' '));
        var items = Items(gold, isSpaced);
        var isOrdered = Vector().IsMatch(gold) || IsArranged(gold, prompt) || Order().IsMatch(prompt)
            || items.TrueForAll(item => item.Any(char.IsDigit));
        var asked = isOrdered ? WordsOf(prompt) : [];
        var best = AnswerVerdict.Wrong;
        foreach (var candidate in Candidates(text))
        {
            var found = Items(candidate, isSpaced);
            if (Same(found, items, isOrdered, asked) || (!isOrdered && found.Count == items.Count && StandAt(found, 0, items)))
            {
                return AnswerVerdict.Right;
            }

            // Not all of what is listed freely need be listed; but nothing else.
            var isPart = !isOrdered && found.Count > 0 && found.Count * 2 >= items.Count && found.TrueForAll(items.Contains);
            best = isPart ? AnswerVerdict.Undecided : best;
        }

        return best;
    }

    // What is stated; without that whatever may be it.
    private static IEnumerable<string> Candidates(string text)
    {
        if (Statement.LastIn(text) is { } stated)
        {
            yield return stated.Sentence;
            yield return Passages.UpToReason(stated.Line);
            yield return stated.Line;
            yield return Block(stated.Text);
            if (!stated.Follows)
            {
                yield return stated.Text;
            }

            yield break;
        }

        if (Statement.ClaimIn(text) is { } claim)
        {
            yield return Passages.UpToReason(claim.Follows ? claim.Line : claim.Text);
        }

        var (first, last) = (Passages.FirstLine(text), Passages.LastSentence(text));
        yield return Passages.FirstSentence(text);
        yield return first;
        yield return Passages.Conclusion(text) ?? last;
        yield return last[(last.LastIndexOf(": ", StringComparison.Ordinal) + 1)..];
        yield return Passages.FirstLine(first[(first.IndexOf(": ", StringComparison.Ordinal) + 1)..]);
        yield return Block(text);
        if (Bold().Matches(text).LastOrDefault() is { } bold)
        {
            yield return bold.Groups["t"].Value;
        }
    }

    // Lines up to a blank one, as bullets have them.
    private static string Block(string text)
    {
        var start = text[..Math.Min(text.Length, 4 * Passages.Longest)].Trim();
        var end = start.IndexOf("\n\n", StringComparison.Ordinal);
        return end < 0 ? start : start[..end];
    }

    private static List<string> Items(string text, bool isSpaced)
    {
        var plain = Marks().Replace(text, "\n").Trim(' ', '\n', '[', ']', '(', ')', '{', '}', '"', '“', '”', '\'', '`', '*', '.');
        var isSplit = Separators().IsMatch(plain);
        var items = isSpaced || !isSplit ? Gaps().Split(plain) : Separators().Split(plain);
        return [.. items.Take(MostItems).Select(Item).Where(item => item.Length > 0 && !(isSpaced && item is "and"))];
    }

    private static string Item(string item)
    {
        var folded = AnswerMatch.Fold(item).Trim('[', ']', '(', ')', '<', '>');
        folded = folded.StartsWith("and ", StringComparison.Ordinal) ? folded[4..] : folded;
        return NumberAlone().IsMatch(folded) && NumericValue.Of(folded) is { } value
            ? value.ToString("G29", CultureInfo.InvariantCulture)
            : folded;
    }

    // An answer may go on behind an ordered list, "a, b, c because …", and something may lead up to it: "given this, a, b, c".
    private static bool Same(List<string> found, List<string> items, bool isOrdered, HashSet<string> asked)
    {
        if (items.Count == 0 || found.Count < items.Count)
        {
            return false;
        }

        var rest = found.Count - items.Count;
        return isOrdered
            ? rest <= MostAround && Enumerable.Range(0, rest + 1).Any(
                at => StandAt(found, at, items) && !GoesOn(at - 1) && !GoesOn(at + items.Count))
            : rest <= 1 && found.TakeLast(items.Count).Order(StringComparer.Ordinal).SequenceEqual(items.Order(StringComparer.Ordinal));

        // A word of the question beside them is one item too many.
        bool GoesOn(int at) => at >= 0 && at < found.Count && asked.Contains(found[at]);
    }

    // The first and the last may have words of the sentence before or behind them.
    private static bool StandAt(List<string> found, int at, List<string> items)
    {
        for (var i = 0; i < items.Count; i++)
        {
            var (one, wanted) = (found[at + i], items[i]);
            if (one != wanted && !(i == 0 && one.EndsWith($" {wanted}", StringComparison.Ordinal))
                && !(i == items.Count - 1 && one.StartsWith($"{wanted} ", StringComparison.Ordinal)))
            {
                return false;
            }
        }

        return true;
    }

    // The words of the question in another order, as sorting asks for.
    private static bool IsArranged(string gold, string prompt)
    {
        var words = gold.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 2 || !Arranging().IsMatch(prompt))
        {
            return false;
        }

        return Array.TrueForAll(words, WordsOf(prompt).Contains);
    }

    private static HashSet<string> WordsOf(string prompt) =>
        Gaps().Split(prompt).Select(word => word.Trim(',', ';', '.', ':', '"')).ToHashSet(StringComparer.OrdinalIgnoreCase);

    private static string Signs(string text) =>
        BracketsFirst().Match(text) is { Success: true } match ? Squeezed(match.Value) : "";

    private static string LastSigns(string text) => BracketsLast().Matches(text).LastOrDefault() is { } match ? Squeezed(match.Value) : "";

    private static string Squeezed(string text) =>
        string.Concat(text.Where(sign => sign is '(' or ')' or '[' or ']' or '{' or '}' or '<' or '>'));

    [GeneratedRegex(@"^[\s()\[\]{}<>]*[()\[\]{}<>][\s()\[\]{}<>]*$", RegexOptions.NonBacktracking)]
    private static partial Regex Brackets();

    [GeneratedRegex(@"^[\s""'`*“]*[()\[\]{}<>][\s()\[\]{}<>,""'`]*", RegexOptions.NonBacktracking)]
    private static partial Regex BracketsFirst();

    [GeneratedRegex(@"[()\[\]{}<>](?:[\s,""'`]{0,3}[()\[\]{}<>])*")]
    private static partial Regex BracketsLast();

    [GeneratedRegex(@"^\s*[\[(][^\[\]()]+[\])]\s*$", RegexOptions.NonBacktracking)]
    private static partial Regex Vector();

    [GeneratedRegex(@"[,;\n]|\sand\s", RegexOptions.IgnoreCase)]
    private static partial Regex Separators();

    [GeneratedRegex(@"[\s,;]+")]
    private static partial Regex Gaps();

    [GeneratedRegex(@"^[ \t]{0,8}(?:[-*•+]|\d{1,3}[.)])[ \t]", RegexOptions.Multiline)]
    private static partial Regex Marks();

    [GeneratedRegex(@"^[-−+]?[\d.,]{1,40}$")]
    private static partial Regex NumberAlone();

    [GeneratedRegex(@"\*\*(?<t>[^*\n]{1,500})\*\*")]
    private static partial Regex Bold();

    [GeneratedRegex(@"\b(?:sort|sorted|arrange|alphabetical(?:ly)?|in (?:the )?(?:correct |right )?order|ascending|descending|reverse the)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Arranging();

    [GeneratedRegex(@"\b(?:sort|in order|arrange|rank|alphabetical|ascending|descending|sequence)", RegexOptions.IgnoreCase)]
    private static partial Regex Order();
}
