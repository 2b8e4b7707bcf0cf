using System.Text;

namespace Orca.Streams.Tasks.Reasoning;

/// <summary>A row of coloured things: what colour is the one a few places to the right of another?</summary>
/// <remarks>Learnable because the walk copies the row from the named thing on, with a counter up to the number asked for.</remarks>
internal sealed class ColouredObjects : ReasoningFamily
{
    private const int Row = 6;

    public override string Name => "coloured_objects";

    public override double ChanceAt(int difficulty) => 1.0 / Words.Colours.Length;

    private protected override Draft Draw(Random random, int difficulty)
    {
        var length = random.Next(difficulty + 1, Row + 1);
        var things = random.Sample(Words.Objects, length);
        var colours = Array.ConvertAll(things, _ => random.Pick(Words.Colours));
        var start = random.Next(length - difficulty);
        var row = string.Join(", ", things.Select((thing, i) => $"{thing} {colours[i]}"));
        var steps = new StringBuilder($"{things[start]} {colours[start]}");
        for (var place = 1; place <= difficulty; place++)
        {
            steps.Append($", {place} {things[start + place]} {colours[start + place]}");
        }

        return new Draft(
            $"In a row: {row}. What colour is the thing {difficulty} to the right of the {things[start]}?",
            $"{steps}.",
            colours[start + difficulty]);
    }
}
