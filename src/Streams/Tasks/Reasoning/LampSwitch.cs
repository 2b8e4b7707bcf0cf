using System.Text;

namespace Orca.Streams.Tasks.Reasoning;

/// <summary>People who flip a switch or let it be: is the lamp on in the end?</summary>
/// <remarks>Learnable because the lamp's state is written after each person: a step is one of four cases.</remarks>
internal sealed class LampSwitch : ReasoningFamily
{
    public override string Name => "lamp_switch";

    public override double ChanceAt(int difficulty) => 0.5;

    private protected override Draft Draw(Random random, int difficulty)
    {
        var names = random.Sample(Words.Names, difficulty + 1);
        var on = random.Coin();
        var question = new StringBuilder($"The lamp is {State(on)}.");
        var steps = new StringBuilder($"The lamp is {State(on)}.");
        foreach (var name in names)
        {
            var flips = random.Coin();
            on ^= flips;
            question.Append($" {name} {(flips ? "flips" : "waits")}.");
            steps.Append($" {name} {(flips ? "flips" : "waits")} : {State(on)}.");
        }

        return new Draft($"{question} Is the lamp on or off?", steps.ToString(), State(on));
    }

    private static string State(bool on) => on ? "on" : "off";
}
