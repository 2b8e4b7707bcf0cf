using System.Text;

namespace Orca.Streams.Tasks.Reasoning;

/// <summary>Each person says of the one before whether that one lies; does the last tell the truth?</summary>
/// <remarks>Learnable because a step copies one sentence and compares its last word with the verdict just written.</remarks>
internal sealed class WebOfLies : ReasoningFamily
{
    public override string Name => "web_of_lies";

    public override double ChanceAt(int difficulty) => 0.5;

    private protected override Draft Draw(Random random, int difficulty)
    {
        var names = random.Sample(Words.Names, difficulty + 1);
        var truthful = random.Coin();
        var question = new StringBuilder($"{names[0]} {Verdict(truthful)}.");
        var steps = new StringBuilder(question.ToString());
        for (var i = 1; i < names.Length; i++)
        {
            var claim = random.Coin();
            truthful = claim == truthful;
            question.Append($" {names[i]} says {names[i - 1]} {Verdict(claim)}.");
            steps.Append($" {names[i]} says {names[i - 1]} {Verdict(claim)}, so {names[i]} {Verdict(truthful)}.");
        }

        return new Draft($"{question} Is {names[^1]} honest?", steps.ToString(), truthful ? "yes" : "no");
    }

    private static string Verdict(bool truthful) => truthful ? "is honest" : "is lying";
}
