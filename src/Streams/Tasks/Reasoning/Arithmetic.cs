using System.Text;
using Orca.Streams.Answers;

namespace Orca.Streams.Tasks.Reasoning;

/// <summary>A story of gains and losses in which every number has one digit.</summary>
/// <remarks>Learnable because each step repeats the running value, so it is one entry of the table of one-digit sums.</remarks>
internal sealed class Arithmetic : ReasoningFamily
{
    private const int LargestValue = 9;

    public override string Name => "arithmetic";

    public override double ChanceAt(int difficulty) => 1.0 / (LargestValue + 1);

    private protected override Draft Draw(Random random, int difficulty)
    {
        var wanted = random.Next(LargestValue + 1);
        while (true)
        {
            var draft = Story(random, difficulty, out var value);
            if (value == wanted)
            {
                return draft;
            }
        }
    }

    private static Draft Story(Random random, int changes, out int value)
    {
        var name = random.Pick(Words.Names);
        var thing = random.Pick(Words.Objects);
        value = random.Next(2, LargestValue + 1);
        var question = new StringBuilder($"{name} has {value} {thing}s.");
        var steps = new StringBuilder();
        for (var i = 1; i <= changes; i++)
        {
            var next = random.Next(LargestValue);
            next += next >= value ? 1 : 0;
            var change = Math.Abs(next - value);
            question.Append(next > value ? $" {i}) gets {change}." : $" {i}) loses {change}.");
            steps.Append(next > value ? $"{i}) gets {change} : {value} + {change} = {next}. "
                + "" : $"{i}) loses {change} : {value} - {change} = {next}. ");
            value = next;
        }

        return new Draft($"{question} How many {thing}s does {name} have?", steps.ToString().TrimEnd(), $"{value}", AnswerKind.Number);
    }
}
