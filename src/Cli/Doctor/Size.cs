using System.Globalization;

namespace Orca.Cli.Doctor;

/// <summary>Writes numbers of bytes for people, and reads what they write.</summary>
internal static class Size
{
    /// <summary>In GB, MB or kB, powers of ten.</summary>
    public static string Text(double bytes) => bytes switch
    {
        >= 1e9 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:F1} GB"),
        >= 1e5 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:F1} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:F1} kB"),
    };

    /// <summary>The bytes of a size such as <c>5GB</c>, in powers of ten, or <c>800 kB</c>; null for anything else.</summary>
    public static long? Read(string text)
    {
        var unit = text.TrimStart('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '.').Trim();
        double? factor = unit.ToUpperInvariant() switch { "" => 1, "KB" => 1e3, "MB" => 1e6, "GB" => 1e9, _ => null };
        return factor is { } bytes && text[..^unit.Length].Trim() is var number
            && double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)
            && count * bytes < long.MaxValue
                ? (long)(count * bytes)
                : null;
    }
}
