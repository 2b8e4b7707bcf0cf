using System.Text;

namespace Orca.Streams.Tasks.Reasoning;

/// <summary>Three people swap what they hold; what has one of them in the end?</summary>
/// <remarks>
/// Learnable because a step first repeats the two who swap with what each holds, then writes the whole state: the
/// swapped pair is read from the words just written, the third from the state before.
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
        var steps = new StringBuilder();
        for (var i = 1; i <= difficulty; i++)
        {
            var pair = random.Sample([0, 1, 2], 2);
            var (a, b) = (pair[0], pair[1]);
            question.Append($" {i}) {Names[a]} and {Names[b]} swap.");
            steps.Append($"{i}) {Names[a]} {held[a]} and {Names[b]} {held[b]} swap : ");
            (held[a], held[b]) = (held[b], held[a]);
            steps.Append(string.Join(", ", Names.Select((name, n) => $"{name} {held[n]}"))).Append(". ");
        }

        var asked = random.Next(Names.Length);
        return new Draft($"{question} What does {Names[asked]} have?", $"{steps}{Names[asked]} has {held[asked]}.", held[asked]);
    }
}
