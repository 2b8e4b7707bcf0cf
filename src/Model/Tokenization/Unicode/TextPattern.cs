using System.Text;
using System.Text.RegularExpressions;

namespace Orca.Model.Tokenization.Unicode;

/// <summary>
/// A regular expression of a tokenizer, over whole characters. A text that it takes too long on is refused, whatever the
/// pattern: most take linear time by construction.
/// </summary>
internal sealed class TextPattern
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    private readonly Lazy<Regex> regex;
    private readonly PatternAlphabet alphabet;
    private readonly string pattern;

    private TextPattern(string pattern, ReadPattern read)
    {
        (this.pattern, alphabet) = (pattern, read.Alphabet);
        _ = new Regex(read.Text, RegexOptions.CultureInvariant); // shows faults now; compiling waits until a text comes
        regex = new Lazy<Regex>(() => read.Repeats ? LinearOf(read.Text) : Compiled(read.Text));
    }

    /// <summary>Reads a pattern.</summary>
    /// <exception cref="ModelFormatException">It is malformed, or uses what is not supported.</exception>
    public static TextPattern Parse(string pattern, string source)
    {
        try
        {
            return new TextPattern(pattern, PatternReader.Read(pattern));
        }
        catch (FormatException fault)
        {
            throw new ModelFormatException(
                $"{source} has the pattern '{pattern}', which {fault.Message}: it is no regular expression that can be read here.", fault);
        }
        catch (ArgumentException fault)
        {
            throw new ModelFormatException(
                $"{source} has the pattern '{pattern}', which is no regular expression that can be read here "
                    + $"({fault.Message.TrimEnd('.')}).",
                fault);
        }
    }

    /// <summary>The pattern of a class of characters, one or a run of them.</summary>
    public static TextPattern Of(CharacterClass one, bool isRun)
    {
        var alphabet = new PatternAlphabet([one]);
        return new TextPattern("", new ReadPattern(alphabet.Write(one) + (isRun ? "+" : ""), alphabet, Repeats: false));
    }

    /// <summary>Places of the matches, in order; empty ones too.</summary>
    /// <exception cref="TextPatternException">The pattern takes too long on the text.</exception>
    public List<TextSpan> Matches(string text)
    {
        var mapped = alphabet.Map(text);
        var spans = new List<TextSpan>();
        try
        {
            foreach (var match in regex.Value.EnumerateMatches(mapped?.Text ?? text))
            {
                var (start, end) = (match.Index, match.Index + match.Length);
                var (first, last) = mapped is var (_, offsets) ? (offsets[start], offsets[end]) : (start, end);
                spans.Add(new TextSpan(first, last - first));
            }
        }
        catch (RegexMatchTimeoutException fault)
        {
            throw new TextPatternException(
                $"The tokenizer's pattern '{pattern}' takes too long on a text of {text.Length} characters; shorten the text.", fault);
        }

        return spans;
    }

    /// <summary>The text with something else in the place of every match.</summary>
    /// <exception cref="TextPatternException">The pattern takes too long on the text.</exception>
    public string Replace(string text, string content)
    {
        var result = new StringBuilder(text.Length);
        var end = 0;
        foreach (var match in Matches(text))
        {
            result.Append(text, end, match.Start - end).Append(content);
            end = match.End;
        }

        return result.Append(text, end, text.Length - end).ToString();
    }

    private static Regex Compiled(string text) => new(text, RegexOptions.CultureInvariant | RegexOptions.Compiled, Longest);

    // What backtracking could try in exponentially many ways runs without it, unless it looks ahead or behind.
    private static Regex LinearOf(string text)
    {
        try
        {
            return new Regex(text, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, Longest);
        }
        catch (NotSupportedException)
        {
            return Compiled(text);
        }
    }
}
