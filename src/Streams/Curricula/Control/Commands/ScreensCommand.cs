using System.Collections.Immutable;
using Orca.Streams.Screening;

namespace Orca.Streams.Curricula.Control;

/// <summary>
/// Sets limits of screens for the answers judged from then on. What was rejected by another limit is judged again at the next start.
/// </summary>
/// <param name="Limits">
/// The largest value that passes by the screen's name; without end switches it off. A screen that is not named keeps its limit.
/// </param>
public sealed record ScreensCommand(ImmutableSortedDictionary<string, double> Limits) : CurriculumCommand
{
    internal const string Name = "screens";

    /// <inheritdoc/>
    public override string Kind => Name;

    internal override string? FaultIn(Steering steering, Steerable known) =>
        Limits is not { Count: > 0 } ? "No screen is named; name one with its limit, such as refusal=0.8."
        : Limits.FirstOrDefault(pair => !ScreenPlan.IsLimit(pair.Value)) is { Key: { } wrong }
            ? $"The limit of the screen '{wrong}' is {Limits[wrong]}; give a number of 0 or more, or 'off'."
        : !known.Screens.IsEmpty && Limits.Keys.FirstOrDefault(name => !known.Screens.Contains(name)) is { } unknown
            ? $"There is no screen '{unknown}' here; there are {string.Join(", ", known.Screens)}."
        : null;

    internal override Steering ApplyTo(Steering steering) =>
        steering with { ScreenLimits = steering.ScreenLimits.SetItems(Limits) };
}
