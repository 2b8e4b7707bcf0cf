using System.Text;

namespace Orca.Streams.Tasks.Reasoning;

/// <summary>A walk on a grid of ten by ten: does it end where it began?</summary>
/// <remarks>
/// Learnable because both coordinates, one digit each, are written after each numbered move, with the sum that gave the new one.
/// </remarks>
internal sealed class Navigate : ReasoningFamily
{
    private const int LongestMove = 3;
    private const int Start = 5;

    private static readonly (string Name, bool Along, int Sign)[] Directions =
        [("north", false, 1), ("south", false, -1), ("east", true, 1), ("west", true, -1)];

    public override string Name => "navigate";

    public override double ChanceAt(int difficulty) => 0.5;

    private protected override Draft Draw(Random random, int difficulty)
    {
        var wanted = random.Coin();
        while (true)
        {
            if (Walk(random, difficulty + 2) is { } walk && walk.Returns == wanted)
            {
                return walk.Draft;
            }
        }
    }

    // Null where the walk leaves the grid.
    private static (Draft Draft, bool Returns)? Walk(Random random, int moves)
    {
        var (x, y) = (Start, Start);
        var question = new StringBuilder($"{random.Pick(Words.Names)} starts at {x} {y} and walks");
        var steps = new StringBuilder();
        for (var i = 1; i <= moves; i++)
        {
            var (name, along, sign) = random.Pick(Directions);
            var length = random.Next(1, LongestMove + 1);
            var from = along ? x : y;
            var to = from + sign * length;
            if (to is < 0 or > 9)
            {
                return null;
            }

            (x, y) = along ? (to, y) : (x, to);
            question.Append($" {i}) {name} {length}");
            steps.Append($"{i}) {name} {length} : {from} {(sign > 0 ? '+' : '-')} {length} = {to} : {x} {y}. ");
        }

        var returns = (x, y) == (Start, Start);
        return (new Draft($"{question}. Is that back at the start?", steps.ToString().TrimEnd(), returns ? "yes" : "no"), returns);
    }
}
