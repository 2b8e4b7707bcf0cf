using System.Text;

namespace Orca.Streams.Tasks.Reasoning;

/// <summary>Which brackets close what is still open?</summary>
/// <remarks>
/// Learnable because the stack holds what will close, innermost first, and is rewritten after each numbered bracket: opening
/// puts one before it, closing drops its first, and the last stack is the answer.
/// </remarks>
internal sealed class BracketClosing : ReasoningFamily
{
    private const int Deepest = 4;

    private static readonly (char Open, char Close)[] Pairs = [('(', ')'), ('[', ']'), ('{', '}'), ('<', '>')];

    public override string Name => "bracket_closing";

    // The best guess is one closing bracket: a quarter of the answers have one, of four kinds.
    public override double ChanceAt(int difficulty) => 1.0 / (Deepest * Pairs.Length);

    private protected override Draft Draw(Random random, int difficulty)
    {
        var wanted = random.Next(1, Deepest + 1);
        while (true)
        {
            if (Sequence(random, difficulty + random.Next(4, 6)) is { } found && found.Depth == wanted)
            {
                return found.Draft;
            }
        }
    }

    private static (Draft Draft, int Depth)? Sequence(Random random, int length)
    {
        var closers = new Stack<char>();
        var question = new StringBuilder();
        var steps = new StringBuilder();
        for (var i = 0; i < length; i++)
        {
            char bracket;
            if (closers.Count == 0 || random.Coin())
            {
                (bracket, var closer) = random.Pick(Pairs);
                closers.Push(closer);
            }
            else
            {
                bracket = closers.Pop();
            }

            if (closers.Count > Deepest)
            {
                return null;
            }

            question.Append($" {i + 1}) {bracket}");
            steps.Append($"{i + 1}) {bracket} : {(closers.Count == 0 ? "-" : string.Join(' ', closers))} ; ");
        }

        var answer = string.Join(' ', closers);
        return (new Draft($"Close what is open:{question}", steps.ToString().TrimEnd(), answer), closers.Count);
    }
}
