using System.Text;

namespace Orca.Streams.Tasks.Reasoning;

/// <summary>A table of ages and heights: who has the most or the least?</summary>
/// <remarks>
/// Learnable because each row is copied whole before its value is used, and then two digits that stand close together are compared, then
/// it is said whether the best so far is a new one or the same, then which.
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
        var rows = names.Select((row, i) => $"{i + 1}) {row} age {ages[i]} height {heights[i]}").ToArray();
        var steps = new StringBuilder($"{extreme} {name}. {rows[0]} : {names[0]} {column[0]}.");
        var best = 0;
        for (var i = 1; i < names.Length; i++)
        {
            var over = column[i] > column[best];
            steps.Append($" {rows[i]} : {column[i]} {(over ? "over" : "under")} {column[best]}");
            var better = over == asked.Most;
            best = better ? i : best;
            steps.Append($" : {(better ? "new" : "same")} {names[best]} {column[best]}.");
        }

        return new Draft($"{string.Join(' ', rows)}. Who is the {asked.Word}?", steps.ToString(), names[best]);
    }

    private static int Rows(int difficulty) => difficulty + 1;
}
