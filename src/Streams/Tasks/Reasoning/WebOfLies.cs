using System.Text;

namespace Orca.Streams.Tasks.Reasoning;

/// <summary>Each person says of the one before whether that one lies; does the last tell the truth?</summary>
/// <remarks>
/// Learnable because a step copies the claim that stands right behind its number and compares it with the verdict just written.
/// </remarks>
internal sealed class WebOfLies : ReasoningFamily
{
    public override string Name => "web_of_lies";

    public override double ChanceAt(int difficulty) => 0.5;

    private protected override Draft Draw(Random random, int difficulty)
    {
        var names = random.Sample(Words.Names, difficulty + 1);
        var truthful = random.Coin();
        var question = new StringBuilder($"1) {Verdict(truthful)} is {names[0]}.");
        var steps = new StringBuilder($"1) {Verdict(truthful)}.");
        for (var i = 1; i < names.Length; i++)
        {
            var claim = random.Coin();
            truthful = claim == truthful;
            question.Append($" {i + 1}) {Verdict(claim)} is {names[i - 1]}, says {names[i]}.");
            steps.Append($" {i + 1}) {Verdict(claim)} : {Verdict(truthful)}.");
        }

        return new Draft($"{question} Is {names[^1]} honest?", steps.ToString(), truthful ? "yes" : "no");
    }

    private static string Verdict(bool truthful) => truthful ? "honest" : "lying";
}
