using System.Globalization;

namespace Orca.Cli.Doctor;

/// <summary>Writes numbers of bytes for people.</summary>
internal static class Size
{
    /// <summary>In GB or MB, powers of ten.</summary>
    public static string Text(double bytes) => bytes >= 1e9
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:F1} GB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:F1} MB");
}
