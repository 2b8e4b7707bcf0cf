using System.Text;

namespace Orca.Streams.Tasks.Reasoning;

/// <summary>A chain of and, or, not over named truth values, worked out from left to right.</summary>
/// <remarks>Learnable because each name occurs once in the chain: the next operand is found by the one before it.</remarks>
internal sealed class BooleanExpressions : ReasoningFamily
{
    public override string Name => "boolean_expressions";

    public override double ChanceAt(int difficulty) => 0.5;

    private protected override Draft Draw(Random random, int difficulty)
    {
        var wanted = random.Coin();
        while (true)
        {
            var draft = Chain(random, difficulty, out var result);
            if (result == wanted)
            {
                return draft;
            }
        }
    }

    private static Draft Chain(Random random, int operators, out bool result)
    {
        var names = random.Sample(Words.Variables, operators + 1);
        var values = Array.ConvertAll(names, _ => random.Coin());
        var chain = new StringBuilder();
        var steps = new StringBuilder();
        result = false;
        for (var i = 0; i < names.Length; i++)
        {
            var operation = i == 0 ? "" : random.Coin() ? "and " : "or ";
            var negated = random.Next(3) == 0;
            var operand = negated ? $"not {names[i]}" : names[i];
            chain.Append(i == 0 ? "" : " ").Append(operation).Append(operand);

            var value = values[i] ^ negated;
            steps.Append(i == 0 ? "" : " ").Append(operation).Append(operand).Append(negated ? $" : not {values[i]} is {value}" : $" : {value}");
            if (i > 0)
            {
                steps.Append($" , {result} {operation}{value} is ");
                result = operation == "and " ? result & value : result | value;
                steps.Append(result);
            }
            else
            {
                result = value;
            }

            steps.Append('.');
        }

        var given = string.Join(", ", names.Select((name, i) => $"{name} is {values[i]}"));
        return new Draft($"Let {given}. From left to right, what is {chain} ?", steps.ToString(), result.ToString());
    }
}
