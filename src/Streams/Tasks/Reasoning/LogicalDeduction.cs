using System.Text;

namespace Orca.Streams.Tasks.Reasoning;

/// <summary>Who came before or after whom: who has a given place in the order?</summary>
/// <remarks>Learnable because every clue puts its first name at an end of the order written last; the places are numbered at the end.</remarks>
internal sealed class LogicalDeduction : ReasoningFamily
{
    public override string Name => "logical_deduction";

    public override double ChanceAt(int difficulty) => 1.0 / Runners(difficulty);

    private protected override Draft Draw(Random random, int difficulty)
    {
        var names = random.Sample(Words.Names, Runners(difficulty));
        var order = new List<string> { names[0] };
        var question = new StringBuilder();
        var steps = new StringBuilder();
        foreach (var name in names[1..])
        {
            var before = random.Coin();
            var clue = before ? $"{name} before {order[0]}" : $"{name} after {order[^1]}";
            order.Insert(before ? 0 : order.Count, name);
            question.Append($"{clue}. ");
            steps.Append($"{clue} : {string.Join(' ', order)}. ");
        }

        var asked = random.Next(order.Count);
        var places = string.Join(", ", order.Select((name, place) => $"{place + 1} {name}"));
        return new Draft($"In a race {question}Who came in place {asked + 1} ?", $"{steps}{places}.", order[asked]);
    }

    private static int Runners(int difficulty) => difficulty + 2;
}
