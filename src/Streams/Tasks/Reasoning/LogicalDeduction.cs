using System.Text;

namespace Orca.Streams.Tasks.Reasoning;

/// <summary>Who came before or after whom: who came first, or last?</summary>
/// <remarks>
/// Learnable because each numbered clue moves one end of the order, and both ends are written after it: a state of a
/// fixed form, of which a step changes one half.
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
        var steps = new StringBuilder();
        for (var i = 1; i < names.Length; i++)
        {
            var before = random.Coin();
            question.Append($" {i}) {names[i]} came {(before ? $"before {first}" : $"after {last}")}.");
            (first, last) = before ? (names[i], last) : (first, names[i]);
            steps.Append($"{i}) {names[i]} {(before ? "before" : "after")} : first {first} last {last}. ");
        }

        var askFirst = random.Coin();
        return new Draft(
            $"In a race{question} Who was {(askFirst ? "first" : "last")}?", steps.ToString().TrimEnd(), askFirst ? first : last);
    }

    private static int Runners(int difficulty) => difficulty + 2;
}
