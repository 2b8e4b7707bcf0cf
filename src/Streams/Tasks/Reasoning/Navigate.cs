using System.Text;

namespace Orca.Streams.Tasks.Reasoning;

/// <summary>A walk on a grid: does it end where it began?</summary>
/// <remarks>Learnable because both coordinates are written after each numbered move, so a step is one small sum.</remarks>
internal sealed class Navigate : ReasoningFamily
{
    private const int LongestMove = 3;

    private static readonly (string Name, int X, int Y)[] Directions = [("north", 0, 1), ("south", 0, -1), ("east", 1, 0), ("west", -1, 0)];

    public override string Name => "navigate";

    public override double ChanceAt(int difficulty) => 0.5;

    private protected override Draft Draw(Random random, int difficulty)
    {
        var wanted = random.Coin();
        while (true)
        {
            var draft = Walk(random, difficulty + 1, out var returns);
            if (returns == wanted)
            {
                return draft;
            }
        }
    }

    private static Draft Walk(Random random, int moves, out bool returns)
    {
        var (x, y) = (0, 0);
        var question = new StringBuilder($"{random.Pick(Words.Names)} walks");
        var steps = new StringBuilder();
        for (var i = 1; i <= moves; i++)
        {
            var direction = random.Pick(Directions);
            var length = random.Next(1, LongestMove + 1);
            (x, y) = (x + direction.X * length, y + direction.Y * length);
            question.Append($" {i}) {length} {direction.Name}");
            steps.Append($"{i}) {length} {direction.Name} : x {x} y {y}. ");
        }

        returns = (x, y) == (0, 0);
        return new Draft($"{question}. Is that back at the start?", steps.ToString().TrimEnd(), returns ? "yes" : "no");
    }
}
