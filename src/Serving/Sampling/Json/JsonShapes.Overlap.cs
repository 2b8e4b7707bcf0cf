using Orca.Serving.Sampling.Json.Automata;

namespace Orca.Serving.Sampling.Json;

/// <summary>Which shapes one value may have both of.</summary>
internal sealed partial class JsonShapes
{
    private const int MostStates = 10_000;
    private const int MostLevels = 8;

    /// <summary>The places of the first two shapes that one value may have both of; null where there are none.</summary>
    public (int One, int Other)? FirstOverlap(ReadOnlySpan<int> numbers)
    {
        for (var one = 0; one < numbers.Length; one++)
        {
            for (var other = one + 1; other < numbers.Length; other++)
            {
                if (!AreApart(numbers[one], numbers[other], MostLevels))
                {
                    return (one, other);
                }
            }
        }

        return null;
    }

    /// <summary>Whether it is certain that no value has both shapes.</summary>
    private bool AreApart(int one, int other, int levels) => levels > 0 && (shapes[one], shapes[other]) switch
    {
        (JsonShape.Union union, _) => union.Alternatives.All(alternative => AreApart(alternative, other, levels - 1)),
        (_, JsonShape.Union union) => union.Alternatives.All(alternative => AreApart(one, alternative, levels - 1)),
        (JsonShape.Text text, JsonShape.Text beside) => AreApart(text.Texts, beside.Texts),
        (JsonShape.Text text, JsonShape.String) => text.Texts.Step(0, '"') < 0,
        (JsonShape.String, JsonShape.Text text) => text.Texts.Step(0, '"') < 0,
        (JsonShape.Text { Literals.IsDefault: false } text, _) => text.Texts.Step(0, shapes[other] is JsonShape.Object ? '{' : '[') < 0,
        (_, JsonShape.Text { Literals.IsDefault: false } text) => text.Texts.Step(0, shapes[one] is JsonShape.Object ? '{' : '[') < 0,
        (JsonShape.Object mine, JsonShape.Object theirs) => AreApart(mine, theirs, levels),
        var (mine, theirs) => mine.GetType() != theirs.GetType(),
    };

    private static bool AreApart(Automaton one, Automaton other)
    {
        try
        {
            return TextAutomata.Both(one, other, isOfOther: true, MostStates) is null;
        }
        catch (AutomatonSizeException)
        {
            return false;
        }
    }

    /// <summary>
    /// By a property that both must have, of values that are apart; or because each must have one that the other never has.
    /// </summary>
    private bool AreApart(JsonShape.Object mine, JsonShape.Object theirs, int levels) =>
        mine.Properties.All.Any(property => property.IsRequired && theirs.Properties.All.Any(
            beside => beside.IsRequired && beside.Name == property.Name && AreApart(property.Value, beside.Value, levels - 1)))
        || (MustHaveMore(mine, theirs) && MustHaveMore(theirs, mine));

    private static bool MustHaveMore(JsonShape.Object one, JsonShape.Object other) => other.OtherNames is null
        && one.Properties.All.Any(property => property.IsRequired && other.Properties.All.All(beside => beside.Name != property.Name));
}
