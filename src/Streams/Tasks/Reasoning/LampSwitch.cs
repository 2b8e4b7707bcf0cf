using System.Text;

namespace Orca.Streams.Tasks.Reasoning;

/// <summary>People who flip a switch or leave it: is the lamp on in the end?</summary>
/// <remarks>Learnable because the lamp's state is written after each numbered deed: a step is one of four cases.</remarks>
internal sealed class LampSwitch : ReasoningFamily
{
    public override string Name => "lamp_switch";

    public override double ChanceAt(int difficulty) => 0.5;

    private protected override Draft Draw(Random random, int difficulty)
    {
        var names = random.Sample(Words.Names, difficulty + 1);
        var on = random.Coin();
        var question = new StringBuilder($"A lamp: 1) {State(on)} at first");
        var steps = new StringBuilder($"1) {State(on)}.");
        for (var i = 0; i < names.Length; i++)
        {
            var flips = random.Coin();
            on ^= flips;
            question.Append($" {i + 2}) {(flips ? "flipped" : "left")} by {names[i]}");
            steps.Append($" {i + 2}) {(flips ? "flipped" : "left")} : {State(on)}.");
        }

        return new Draft($"{question}. Is it on or off?", steps.ToString(), State(on));
    }

    private static string State(bool on) => on ? "on" : "off";
}
