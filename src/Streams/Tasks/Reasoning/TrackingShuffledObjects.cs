using System.Text;

namespace Orca.Streams.Tasks.Reasoning;

/// <summary>Three people swap what they hold; what has one of them in the end?</summary>
/// <remarks>
/// Learnable because it goes back from the end: the thing was in one person's hands before each swap, and the state is that one name.
/// Each step copies a pair, says whether that person is of it, then who is next. What everybody had at first is then copied in order up to
/// the last name: a look-up by a name that stands in many places is not learned.
/// </remarks>
internal sealed class TrackingShuffledObjects : ReasoningFamily
{
    // Always the same three: the things vary, the names are fixed keys to look them up by.
    private static readonly string[] Names = ["Ann", "Bob", "Cal"];
    private static readonly string[] Things = ["ball", "book", "cup", "pen", "hat", "key", "map", "bag"];

    public override string Name => "tracking_shuffled_objects";

    public override double ChanceAt(int difficulty) => 1.0 / Names.Length;

    private protected override Draft Draw(Random random, int difficulty)
    {
        var held = random.Sample(Things, Names.Length);
        var question = new StringBuilder(string.Join(", ", Names.Select((name, i) => $"{name} has {held[i]}"))).Append('.');
        var pairs = new List<(int A, int B)>();
        for (var i = 1; i <= difficulty; i++)
        {
            var pair = random.Sample([0, 1, 2], 2);
            var (a, b) = (pair[0], pair[1]);
            question.Append($" {i}) {Names[a]} and {Names[b]} swap.");
            pairs.Add((a, b));
        }

        var asked = random.Next(Names.Length);
        var (steps, holder) = Back(pairs, asked);
        var atFirst = string.Concat(Names[..(holder + 1)].Select((name, i) => $" {name} has {held[i]}, {(i == holder ? "yes" : "no")}."));
        return new Draft($"{question} What does {Names[asked]} have?", $"{steps}{atFirst}", held[holder]);
    }

    // From the one who has it in the end to the one who had it at first.
    private static (string Steps, int Holder) Back(List<(int A, int B)> pairs, int holder)
    {
        var steps = new StringBuilder($"{Names[holder]}.");
        for (var i = pairs.Count; i >= 1; i--)
        {
            var (a, b) = pairs[i - 1];
            var swaps = holder == a || holder == b;
            steps.Append($" {i}) {Names[a]} and {Names[b]}, {Names[holder]} {(swaps ? "yes" : "no")}");
            holder = swaps ? a + b - holder : holder;
            steps.Append($" : {Names[holder]}.");
        }

        return (steps.ToString(), holder);
    }
}
