using System.Text;

namespace Orca.Streams.Tasks.Reasoning;

/// <summary>A numbered row of coloured things: what colour is where some moves to the left and right lead?</summary>
/// <remarks>
/// Learnable because the place is a running number, and what stands there is looked up after every move: small sums, and many look-ups
/// of the one kind that the answer needs.
/// </remarks>
internal sealed class ColouredObjects : ReasoningFamily
{
    private const int Row = 5;
    private const int LongestMove = 2;

    public override string Name => "coloured_objects";

    public override double ChanceAt(int difficulty) => 1.0 / Words.Colours.Length;

    private protected override Draft Draw(Random random, int difficulty)
    {
        var things = random.Sample(Words.Objects, Row);
        var colours = Array.ConvertAll(things, _ => random.Pick(Words.Colours));
        var row = string.Join(", ", things.Select((thing, i) => $"{i + 1} {colours[i]} {thing}"));
        var place = random.Next(1, Row + 1);
        var question = new StringBuilder($"In a row: {row}. 1) start {place}");
        var steps = new StringBuilder($"1) start {place} {colours[place - 1]}.");
        for (var i = 1; i <= difficulty; i++)
        {
            var next = random.Pick<int>([.. Enumerable.Range(1, Row).Where(other => other != place && Math.Abs(other - place) <= LongestMove)]);
            var (length, right) = (Math.Abs(next - place), next > place);
            var move = $" {i + 1}) {(right ? "right" : "left")} {length}";
            question.Append(move);
            steps.Append($"{move} : {place} {(right ? '+' : '-')} {length} = {next} {colours[next - 1]}.");
            place = next;
        }

        var colour = colours[place - 1];
        return new Draft($"{question}. What colour is there?", steps.ToString(), colour);
    }
}
