using System.Globalization;
using Orca.Evaluation.Statistics;

namespace Orca.Evaluation.Reports.Page;

/// <summary>An accuracy as a bar from 0 to 100 %, with its interval, and marks where guessing and the most frequent answer end.</summary>
internal static class AccuracyBar
{
    private const int Width = 150;

    /// <summary>The bar as inline SVG, with the same in words for who cannot see it.</summary>
    public static string Of(double accuracy, Interval? interval, double chance, double majority)
    {
        var whisker = interval is null ? "" : $"<path class=\"whisker\" d=\"M{At(interval.Low)} 9H{At(interval.High)}"
            + $"M{At(interval.Low)} 5V13M{At(interval.High)} 5V13\"/>";
        var words = $"{HtmlText.Percent(accuracy)} %, 95 % interval {HtmlText.Range(interval)} %, chance {HtmlText.Percent(chance)} %, "
            + $"most frequent answer {HtmlText.Percent(majority)} %";
        return $"<svg class=\"bar\" width=\"{Width}\" height=\"18\" viewBox=\"0 0 {Width} 18\" role=\"img\" aria-label=\"{words}\">"
            + $"<rect class=\"track\" y=\"3\" width=\"{Width}\" height=\"12\"/>"
            + $"<rect class=\"value\" y=\"3\" width=\"{At(accuracy)}\" height=\"12\"/>{whisker}"
            + $"<path class=\"chance\" d=\"M{At(chance)} 0V18\"/><path class=\"majority\" d=\"M{At(majority)} 0V18\"/></svg>";
    }

    private static string At(double share) => (share * Width).ToString("F1", CultureInfo.InvariantCulture);
}
