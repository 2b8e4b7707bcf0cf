using System.Collections.Immutable;
using System.Globalization;

namespace Orca.Streams.Screening;

/// <summary>
/// Decides by what screens measured: a trace is rejected by a screen that measures more than its limit. One value, replaced as a whole.
/// </summary>
/// <param name="Revision">Grows with every change; 0 for the settings alone.</param>
/// <param name="Limits">Limits by screen; a screen that is not named has its own default.</param>
public sealed record ScreenPlan(long Revision, ImmutableSortedDictionary<string, double> Limits)
{
    /// <summary>Whether a number may be a limit: 0 or more, without end for a screen that is switched off.</summary>
    public static bool IsLimit(double limit) => limit >= 0;

    /// <summary>Every screen with its own default.</summary>
    public static ScreenPlan Default { get; } = new(0, ImmutableSortedDictionary.Create<string, double>(StringComparer.Ordinal));

    /// <summary>The largest value of a screen's that passes; without end where it is switched off.</summary>
    public double LimitOf(IScreen screen) => Limits.GetValueOrDefault(screen.Name, screen.DefaultLimit);

    /// <summary>This plan with limits that were set while it was in force.</summary>
    /// <param name="tuned">The limits, and the revision that they came with.</param>
    public ScreenPlan Tuned(ScreenPlan tuned) =>
        tuned.Limits.IsEmpty ? this : new ScreenPlan(tuned.Revision, Limits.SetItems(tuned.Limits));

    /// <summary>Whether a screen measures anything at all.</summary>
    public bool IsOn(IScreen screen) => !double.IsPositiveInfinity(LimitOf(screen));

    /// <summary>A screen's settings with the limit in force: a rejection that names others is out of date.</summary>
    public string SettingsOf(IScreen screen) => string.Create(CultureInfo.InvariantCulture, $"{screen.Settings} limit={LimitOf(screen)}");
}
