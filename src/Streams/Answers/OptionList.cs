using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Orca.Streams.Answers;

/// <summary>One option of a multiple-choice question.</summary>
/// <param name="Letter">Its letter, upper case; options without letters get theirs by order.</param>
/// <param name="Text">Its text.</param>
public sealed record AnswerOption(char Letter, string Text);

/// <summary>The options a question lists, in the styles that instruction collections use.</summary>
/// <remarks>Numbers, Roman numerals and bullets count only below a line that announces options: elsewhere they are steps.</remarks>
public static partial class OptionList
{
    private const int MostBullets = 100;

    /// <summary>The options of a question; empty where it is not multiple choice.</summary>
    public static ImmutableArray<AnswerOption> Of(string prompt)
    {
        // Some collections keep line ends as a backslash and an n.
        var text = prompt.Replace("\\n", "\n", StringComparison.Ordinal);
        var lettered = Series(text, LetteredMarker());
        return lettered.IsEmpty && Announcement().Match(text) is { Success: true } announcement
            ? Listed(text[(announcement.Index + announcement.Length)..])
            : lettered;
    }

    /// <summary>Whether a question lists options to choose from.</summary>
    public static bool IsMultipleChoice(string prompt) => !Of(prompt).IsEmpty;

    private static ImmutableArray<AnswerOption> Listed(string text)
    {
        var numbered = Series(text, NumberedMarker());
        return numbered.IsEmpty ? Bullets(text) : numbered;
    }

    // The longest run of markers of one style that counts up from the first letter or number; of equal ones the last.
    private static ImmutableArray<AnswerOption> Series(string text, Regex marker)
    {
        var best = marker.Matches(text).GroupBy(Style).Select(LastRun).OrderBy(run => run.Count).LastOrDefault([]);
        var options = ImmutableArray.CreateBuilder<AnswerOption>();
        for (var i = 0; best.Count >= 2 && i < best.Count; i++)
        {
            var start = best[i].Index + best[i].Length;
            var end = i + 1 < best.Count ? best[i + 1].Index : text.Length;
            options.Add(new AnswerOption((char)('A' + i), FirstLine(text[start..end])));
        }

        return options.ToImmutable();
    }

    private static List<Match> LastRun(IEnumerable<Match> markers)
    {
        List<Match> best = [];
        List<Match> run = [];
        foreach (var match in markers)
        {
            run = Ordinal(match.Groups["m"].Value, run.Count) == run.Count ? run : [];
            if (Ordinal(match.Groups["m"].Value, run.Count) == run.Count)
            {
                run.Add(match);
                best = run.Count >= 2 ? run : best;
            }
        }

        return best;
    }

    // "(A)" and "a." and "(II)": what stands around the mark, and whether it is upper case, lower case or a digit.
    private static string Style(Match match)
    {
        var mark = match.Groups["m"];
        var at = mark.Index - match.Index;
        var sort = char.IsDigit(mark.Value[0]) ? '1' : char.IsUpper(mark.Value[0]) ? 'A' : 'a';
        return $"{match.Value[..at].Trim()}{sort}{match.Value[(at + mark.Length)..].Trim()}";
    }

    private static ImmutableArray<AnswerOption> Bullets(string text)
    {
        var bullets = BulletLine().Matches(text);
        return bullets.Count < 2
            ? []
            : [.. bullets.Take(MostBullets).Select((bullet, i) => new AnswerOption((char)('A' + i), bullet.Groups["t"].Value.Trim()))];
    }

    // Which option a marker stands for, from 0; at the expected place a Roman numeral is read as one.
    private static int Ordinal(string marker, int expected)
    {
        if (int.TryParse(marker, out var number))
        {
            return number - 1;
        }

        return expected < Roman.Length && string.Equals(marker, Roman[expected], StringComparison.OrdinalIgnoreCase)
            ? expected
            : marker.Length == 1 ? char.ToUpperInvariant(marker[0]) - 'A' : -1;
    }

    private static readonly string[] Roman = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"];

    private static string FirstLine(string text) => text.Trim().Split('\n')[0].Trim().TrimEnd(',', ';');

    // "(A)", "[A]", "A)", "(A).", "A." and "A:" (the last two at the start of a line, or after a bullet).
    [GeneratedRegex(@"(?<![\w(\[])(?:\((?<m>[A-Za-z])\)|\[(?<m>[A-Za-z])\]|(?<m>[A-Za-z])\))[.:]?(?=\s|\S)|^[ \t]*(?:[-*+]\s*)?(?<m>[A-Za-z])[.:](?=\s)", RegexOptions.Multiline)]
    private static partial Regex LetteredMarker();

    [GeneratedRegex(@"(?:^|(?<=\s))[\(\[]?(?<m>\d{1,2}|[IVXivx]{1,4})(?:[\)\]]\.?|[.:])(?=\s)", RegexOptions.Multiline)]
    private static partial Regex NumberedMarker();

    [GeneratedRegex(@"^[ \t]*(?:[-+*•]|--|\[[-+*]\])[ \t]*(?<t>\S[^\n]*)$", RegexOptions.Multiline)]
    private static partial Regex BulletLine();

    [GeneratedRegex(@"\b(?:options?|choices|opt|choose|pick|select|possible answers|available answers|answers?)\b[^\n]{0,60}[:?.]?[ \t]*(?=\n)|\b(?:options|choices)[ \t]*:", RegexOptions.IgnoreCase)]
    private static partial Regex Announcement();
}
