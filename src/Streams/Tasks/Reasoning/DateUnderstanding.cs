using System.Text;

namespace Orca.Streams.Tasks.Reasoning;

/// <summary>Events a few days apart: on what date is the last one?</summary>
/// <remarks>Learnable because the days of each numbered gap are written one at a time: each date follows from the one before.</remarks>
internal sealed class DateUnderstanding : ReasoningFamily
{
    private const int LongestGap = 3;
    private static readonly DateOnly FirstDay = new(2025, 1, 1);

    public override string Name => "date_understanding";

    public override double ChanceAt(int difficulty) => 1.0 / 365;

    private protected override Draft Draw(Random random, int difficulty)
    {
        while (true)
        {
            if (Events(random, difficulty) is { } draft)
            {
                return draft;
            }
        }
    }

    // Null where the days go over the end of February: the year is not given, and it could be a leap year.
    private static Draft? Events(Random random, int gaps)
    {
        var names = random.Sample(Words.Events, gaps + 1);
        var day = FirstDay.AddDays(random.Next(365));
        var question = new StringBuilder($"1) {Written(day)} is the {names[0]}.");
        var steps = new StringBuilder($"1) {Written(day)}.");
        for (var i = 1; i <= gaps; i++)
        {
            var gap = random.Next(1, LongestGap + 1);
            var later = random.Coin();
            var relation = $"{i + 1}) {gap} {(gap == 1 ? "day" : "days")} {(later ? "after" : "before")}";
            question.Append($" {relation} that is the {names[i]}.");
            steps.Append($" {relation} :");
            for (var step = 1; step <= gap; step++)
            {
                var next = day.AddDays(later ? 1 : -1);
                if (day.Month + next.Month == 5 && day.Month != next.Month && Math.Min(day.Month, next.Month) == 2)
                {
                    return null;
                }

                day = next;
                steps.Append($" {Written(day)}").Append(step == gap ? '.' : ',');
            }
        }

        return new Draft($"{question} When is the {names[gaps]}?", steps.ToString(), Written(day));
    }

    private static string Written(DateOnly day) => $"{day.Day} {Words.Months[day.Month - 1]}";
}
