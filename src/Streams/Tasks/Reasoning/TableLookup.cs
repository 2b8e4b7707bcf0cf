using System.Text;

namespace Orca.Streams.Tasks.Reasoning;

/// <summary>A table of ages and heights: who has the most or the least?</summary>
/// <remarks>
/// Learnable because the best row so far is written after each numbered one: a step compares two digits that stand close together.
/// </remarks>
internal sealed class TableLookup : ReasoningFamily
{
    private static readonly int[] Digits = [1, 2, 3, 4, 5, 6, 7, 8, 9];
    private static readonly (string Word, bool Age, bool Most)[] Questions =
        [("oldest", true, true), ("youngest", true, false), ("tallest", false, true), ("shortest", false, false)];

    public override string Name => "table_lookup";

    public override double ChanceAt(int difficulty) => 1.0 / Rows(difficulty);

    private protected override Draft Draw(Random random, int difficulty)
    {
        var names = random.Sample(Words.Names, Rows(difficulty));
        var ages = random.Sample(Digits, names.Length);
        var heights = random.Sample(Digits, names.Length);
        var asked = random.Pick(Questions);
        var column = asked.Age ? ages : heights;
        var (name, extreme) = (asked.Age ? "age" : "height", asked.Most ? "high" : "low");
        var steps = new StringBuilder($"{extreme} {name}.");
        var best = 0;
        for (var i = 0; i < names.Length; i++)
        {
            best = column[i] > column[best] == asked.Most ? i : best;
            steps.Append($" {i + 1}) {name} {column[i]} : best {best + 1} {column[best]}.");
        }

        var table = string.Join(' ', names.Select((row, i) => $"{i + 1}) {row} age {ages[i]} height {heights[i]}"));
        return new Draft($"{table}. Who is the {asked.Word}?", $"{steps} {best + 1}) {names[best]}.", names[best]);
    }

    private static int Rows(int difficulty) => difficulty + 1;
}
