using System.Globalization;

namespace Orca.Cli.Doctor;

/// <summary>Writes numbers of bytes for people.</summary>
internal static class Size
{
    /// <summary>In GB, MB or kB, powers of ten.</summary>
    public static string Text(double bytes) => bytes switch
    {
        >= 1e9 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:F1} GB"),
        >= 1e5 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:F1} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:F1} kB"),
    };
}
