using System.Globalization;

namespace Orca.Cli.Display;

/// <summary>Times in words, in the unit that suits them.</summary>
internal static class Durations
{
    /// <summary>Such as <c>45 s</c>, <c>12 min</c>, <c>3.5 h</c>, <c>4.0 days</c>.</summary>
    public static string Text(TimeSpan time) => Text(time.TotalSeconds);

    /// <inheritdoc cref="Text(TimeSpan)"/>
    public static string Text(double seconds) => seconds switch
    {
        < 120 => Text($"{seconds:F0} s"),
        < 7_200 => Text($"{seconds / 60:F0} min"),
        < 172_800 => Text($"{seconds / 3_600:F1} h"),
        _ => Text($"{seconds / 86_400:F1} days"),
    };

    /// <summary>As a clock shows it, such as <c>00:03:20</c> and <c>25:00:00</c>: hours do not begin again after a day.</summary>
    public static string Clock(TimeSpan time) =>
        Text($"{(long)time.TotalHours:00}:{time.Minutes:00}:{time.Seconds:00}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
