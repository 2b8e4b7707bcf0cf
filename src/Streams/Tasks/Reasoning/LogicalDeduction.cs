using System.Text;

namespace Orca.Streams.Tasks.Reasoning;

/// <summary>Who came before or after whom: who came first, or last?</summary>
/// <remarks>
/// Learnable because the last newcomer to the end that is asked about stands there: the clues are copied from the last to the first until
/// one says the word that is looked for, and no order has to be kept.
/// </remarks>
internal sealed class LogicalDeduction : ReasoningFamily
{
    public override string Name => "logical_deduction";

    public override double ChanceAt(int difficulty) => 1.0 / Runners(difficulty);

    private protected override Draft Draw(Random random, int difficulty)
    {
        var names = random.Sample(Words.Names, Runners(difficulty));
        var (first, last) = (names[0], names[0]);
        var question = new StringBuilder();
        var clues = new List<(string Text, bool Before)>();
        for (var i = 1; i < names.Length; i++)
        {
            var before = random.Coin();
            clues.Add(($"{i}) {names[i]} came {(before ? $"before {first}" : $"after {last}")}", before));
            question.Append($" {clues[^1].Text}.");
            (first, last) = before ? (names[i], last) : (first, names[i]);
        }

        var askFirst = random.Coin();
        var answer = askFirst ? first : last;
        return new Draft(
            $"In a race{question} Who was {(askFirst ? "first" : "last")}?", $"{Steps(clues, askFirst)} {answer}.", answer);
    }

    private static string Steps(List<(string Text, bool Before)> clues, bool wanted)
    {
        var steps = new StringBuilder(wanted ? "before." : "after.");
        for (var i = clues.Count - 1; i >= 0; i--)
        {
            var found = clues[i].Before == wanted;
            steps.Append($" {clues[i].Text} : {(found ? "yes" : "no")}.");
            if (found)
            {
                break;
            }
        }

        return steps.ToString();
    }

    private static int Runners(int difficulty) => difficulty + 2;
}
