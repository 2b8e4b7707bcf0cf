using Orca.Streams.Answers;

namespace Orca.Streams.Tasks.Reasoning;

/// <summary>Somebody's day with one hour unaccounted for: when could the errand have been?</summary>
/// <remarks>
/// Learnable because the hours are gone through in order up to the free one, and each is looked up in the question: a place or free.
/// </remarks>
internal sealed class TemporalSequences : ReasoningFamily
{
    private const int LastHour = 9;

    public override string Name => "temporal_sequences";

    public override double ChanceAt(int difficulty) => 1.0 / Slots(difficulty);

    private protected override Draft Draw(Random random, int difficulty)
    {
        var first = random.Next(1, LastHour - Slots(difficulty) + 2);
        var hours = Enumerable.Range(first, Slots(difficulty)).ToArray();
        var free = random.Pick(hours);
        var places = random.Sample(Words.Places, hours.Length);
        var at = hours.Where(hour => hour != free).Zip(places).ToDictionary(pair => pair.First, pair => pair.Second);
        var name = random.Pick(Words.Names);
        var seen = string.Join(' ', random.Sample([.. at.Keys], at.Count).Select(hour => $"{hour}) {at[hour]}"));
        var steps = string.Concat(hours.TakeWhile(hour => hour != free).Select(hour => $"{hour}) {at[hour]} ")) + $"{free}) free";
        return new Draft(
            $"Hours of {name}: {seen}. When from {first} to {hours[^1]} could {name} be at the {places[^1]}?",
            $"{steps}.",
            $"{free}",
            AnswerKind.Number);
    }

    private static int Slots(int difficulty) => difficulty + 2;
}
