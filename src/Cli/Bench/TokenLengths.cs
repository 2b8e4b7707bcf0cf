using System.Collections.Immutable;
using System.Globalization;
using Orca.Cli.Commands;

namespace Orca.Cli.Bench;

/// <summary>How long prompts and answers are.</summary>
/// <param name="PromptTokens">Tokens of the prompt, at least 1.</param>
/// <param name="AnswerTokens">Tokens of the answer, at least 1.</param>
internal readonly record struct RequestShape(int PromptTokens, int AnswerTokens);

/// <summary>A fixed length, or lengths drawn evenly from a range.</summary>
/// <param name="Least">Tokens, at least 1.</param>
/// <param name="Most">Tokens, at least as many.</param>
internal readonly record struct LengthRange(int Least, int Most)
{
    /// <summary>Reads <c>N</c> or <c>N-M</c>; null where it is neither.</summary>
    public static LengthRange? Parse(string text)
    {
        var parts = text.Split('-');
        return parts.Length <= 2 && Number(parts[0]) is { } least && Number(parts[^1]) is { } most && least <= most
            ? new LengthRange(least, most)
            : null;
    }

    /// <summary>One length.</summary>
    public int Draw(Random random) => random.Next(Least, Most + 1);

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 1_048_576
            ? number
            : null;
}

/// <summary>The lengths of a run's requests: drawn from ranges, or taken from a file in its order, over and over.</summary>
internal sealed class TokenLengths
{
    private readonly LengthRange _prompt;
    private readonly LengthRange _answer;
    private readonly ImmutableArray<RequestShape> _listed;
    private int _next;

    private TokenLengths(LengthRange prompt, LengthRange answer, ImmutableArray<RequestShape> listed) =>
        (_prompt, _answer, _listed) = (prompt, answer, listed);

    /// <summary>Draws prompt and answer from ranges.</summary>
    public static TokenLengths Drawn(LengthRange prompt, LengthRange answer) => new(prompt, answer, []);

    /// <summary>Reads a file: two numbers a line, tokens of the prompt and of the answer.</summary>
    /// <exception cref="CommandException">A line is something else, or there is none.</exception>
    public static TokenLengths FromFile(string path)
    {
        var shapes = File.ReadLines(path).Select((line, i) => (Line: line.Trim(), Number: i + 1))
            .Where(item => item.Line.Length > 0)
            .Select(item => ShapeOf(path, item.Line, item.Number))
            .ToImmutableArray();
        return shapes.IsEmpty
            ? throw new CommandException($"'{path}' is empty; give two numbers a line, tokens of the prompt and of the answer.")
            : new TokenLengths(default, default, shapes);
    }

    /// <summary>The next request's lengths.</summary>
    public RequestShape Next(Random random) => _listed.IsEmpty
        ? new RequestShape(_prompt.Draw(random), _answer.Draw(random))
        : _listed[_next++ % _listed.Length];

    private static RequestShape ShapeOf(string path, string line, int number)
    {
        var words = line.Split([' ', '\t', ','], StringSplitOptions.RemoveEmptyEntries);
        return words.Length == 2 && LengthRange.Parse(words[0]) is { } prompt && LengthRange.Parse(words[1]) is { } answer
            && prompt.Least == prompt.Most && answer.Least == answer.Most
            ? new RequestShape(prompt.Least, answer.Least)
            : throw new CommandException($"Line {number} of '{path}' is '{line}'; expected two whole numbers, tokens of the prompt and "
                + "of the answer.");
    }
}
