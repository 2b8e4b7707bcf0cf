using System.Text;
using Orca.Streams.Answers;

namespace Orca.Streams.Tasks.Reasoning;

/// <summary>How many of the things listed are of one kind?</summary>
/// <remarks>
/// Learnable because a step copies one numbered thing, then names its kind, then the running total: one word's kind and one small sum.
/// </remarks>
internal sealed class ObjectCounting : ReasoningFamily
{
    private const int SmallestCount = 2; // one of a thing would need the singular
    private const int LargestCount = 5;
    private const int LargestTotal = 9;

    public override string Name => "object_counting";

    public override double ChanceAt(int difficulty) => 1.0 / (LargestTotal - SmallestCount + 1);

    private protected override Draft Draw(Random random, int difficulty)
    {
        var wanted = random.Next(SmallestCount, LargestTotal + 1);
        while (true)
        {
            var draft = List(random, difficulty + 1, out var total);
            if (total == wanted)
            {
                return draft;
            }
        }
    }

    private static Draft List(Random random, int items, out int total)
    {
        var asked = random.Pick(Words.Kinds);
        var other = random.Pick(Words.Kinds.Remove(asked));
        var things = random.Sample([.. asked.Members, .. other.Members], items);
        var counts = Array.ConvertAll(things, _ => random.Next(SmallestCount, LargestCount + 1));
        var steps = new StringBuilder($"{asked.Kind}.");
        total = 0;
        for (var i = 0; i < items; i++)
        {
            var counted = asked.Members.Contains(things[i]);
            steps.Append($" {i + 1}) {things[i]} {counts[i]} {(counted ? asked : other).Kind} : ")
                .Append(counted ? $"{total} + {counts[i]} = " : "");
            total += counted ? counts[i] : 0;
            steps.Append(total).Append('.');
        }

        var name = random.Pick(Words.Names);
        var list = string.Join(' ', things.Select((thing, i) => $"{i + 1}) {thing} {counts[i]}"));
        return new Draft($"{name} has {list}. How many {asked.Kind} does {name} have?", steps.ToString(), $"{total}", AnswerKind.Number);
    }
}
