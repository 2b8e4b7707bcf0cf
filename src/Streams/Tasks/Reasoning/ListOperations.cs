using System.Text;

namespace Orca.Streams.Tasks.Reasoning;

/// <summary>A list of words that grows and shrinks at both ends: what is it in the end?</summary>
/// <remarks>Learnable because the whole list is rewritten after each numbered operation, and differs from the last one at an end only.</remarks>
internal sealed class ListOperations : ReasoningFamily
{
    private const int Longest = 5;

    public override string Name => "list_operations";

    public override double ChanceAt(int difficulty) => 0;

    private protected override Draft Draw(Random random, int difficulty)
    {
        var fresh = new Queue<string>(random.Sample(Words.Objects, difficulty + Longest));
        var list = new List<string>();
        var length = random.Next(2, Longest);
        while (list.Count < length)
        {
            list.Add(fresh.Dequeue());
        }

        var question = new StringBuilder($"Start with {string.Join(' ', list)}.");
        var steps = new StringBuilder();
        for (var i = 1; i <= difficulty; i++)
        {
            var operation = Apply(random, list, fresh);
            question.Append($" {i}) {operation}.");
            steps.Append($"{i}) {operation} : {string.Join(' ', list)}. ");
        }

        return new Draft($"{question} What is the list?", steps.ToString().TrimEnd(), string.Join(' ', list));
    }

    private static string Apply(Random random, List<string> list, Queue<string> fresh)
    {
        var grow = list.Count < 2 || (list.Count < Longest && random.Coin());
        var front = random.Coin();
        var at = front ? 0 : list.Count - (grow ? 0 : 1);
        if (!grow)
        {
            list.RemoveAt(at);
            return front ? "drop the first" : "drop the last";
        }

        list.Insert(at, fresh.Dequeue());
        return front ? $"add {list[0]} first" : $"add {list[^1]} last";
    }
}
