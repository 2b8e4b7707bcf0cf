using System.Text;

namespace Orca.Streams.Tasks.Reasoning;

/// <summary>A chain of and, or, xor, nand, nor over True and False, worked out from left to right.</summary>
/// <remarks>Learnable because the operations are numbered and the value so far is written before each: five tables of two by two.</remarks>
internal sealed class BooleanExpressions : ReasoningFamily
{
    private static readonly string[] Operations = ["and", "or", "xor", "nand", "nor"];

    public override string Name => "boolean_expressions";

    public override double ChanceAt(int difficulty) => 0.5;

    private protected override Draft Draw(Random random, int difficulty)
    {
        var wanted = random.Coin();
        while (true)
        {
            var draft = Chain(random, difficulty + 3, out var result);
            if (result == wanted)
            {
                return draft;
            }
        }
    }

    private static Draft Chain(Random random, int operands, out bool result)
    {
        var question = new StringBuilder("Work from left to right:");
        var steps = new StringBuilder();
        result = false;
        for (var i = 1; i <= operands; i++)
        {
            var value = random.Coin();
            var operation = i == 1 ? "" : $"{random.Pick(Operations)} ";
            var item = $" {i}) {operation}{value}";
            question.Append(item);
            steps.Append(item).Append(i == 1 ? "" : $" : {result} {operation}{value} is ");
            result = Apply(operation.TrimEnd(), result, value);
            steps.Append(i == 1 ? "." : $"{result}.");
        }

        return new Draft($"{question}. What is it?", steps.ToString().TrimStart(), result.ToString());
    }

    private static bool Apply(string operation, bool left, bool right) => operation switch
    {
        "and" => left & right,
        "or" => left | right,
        "xor" => left ^ right,
        "nand" => !(left & right),
        "nor" => !(left | right),
        _ => right,
    };
}
