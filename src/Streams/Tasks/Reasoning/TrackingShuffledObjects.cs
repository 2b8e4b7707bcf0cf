using System.Text;

namespace Orca.Streams.Tasks.Reasoning;

/// <summary>Three people swap what they hold; what has one of them in the end?</summary>
/// <remarks>
/// Learnable because a step first repeats the two who swap with what each holds, then writes the whole state: the
/// swapped pair is read from the words just written, the third from the state before.
/// </remarks>
internal sealed class TrackingShuffledObjects : ReasoningFamily
{
    private const int People = 3;

    public override string Name => "tracking_shuffled_objects";

    public override double ChanceAt(int difficulty) => 1.0 / People;

    private protected override Draft Draw(Random random, int difficulty)
    {
        var names = random.Sample(Words.Names, People);
        var held = random.Sample(Words.Objects, People);
        var question = new StringBuilder(string.Join(", ", names.Select((name, i) => $"{name} has {held[i]}"))).Append('.');
        var steps = new StringBuilder();
        for (var i = 1; i <= difficulty; i++)
        {
            var pair = random.Sample([0, 1, 2], 2);
            var (a, b) = (pair[0], pair[1]);
            question.Append($" {i}) {names[a]} and {names[b]} swap.");
            steps.Append($"{i}) {names[a]} {held[a]} and {names[b]} {held[b]} swap : ");
            (held[a], held[b]) = (held[b], held[a]);
            steps.Append(string.Join(", ", names.Select((name, n) => $"{name} {held[n]}"))).Append(". ");
        }

        var asked = random.Next(People);
        return new Draft($"{question} What does {names[asked]} have?", $"{steps}{names[asked]} has {held[asked]}.", held[asked]);
    }
}
