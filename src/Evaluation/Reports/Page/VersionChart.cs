using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Orca.Evaluation.Runs;

namespace Orca.Evaluation.Reports.Page;

/// <summary>Accuracies of a run's versions by the trainer's step, as inline SVG.</summary>
internal static class VersionChart
{
    private const double Left = 46;
    private const double Top = 10;
    private const double Width = 900;
    private const double Height = 260;

    /// <summary>The chart, with the same in words for who cannot see it.</summary>
    public static string Of(ImmutableArray<VersionExamination> examinations)
    {
        var last = Math.Max(1, examinations.Max(one => one.Step));
        double X(VersionExamination one) => Left + (Width * one.Step / last);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"<svg class=\"history\" width=\"{Left + Width + 16}\" height=\"{Top + Height + 26}\" ")
            .Append("role=\"img\" aria-label=\"")
            .Append(CultureInfo.InvariantCulture, $"{examinations.Length} versions, ")
            .Append(CultureInfo.InvariantCulture, $"the first {HtmlText.Percent(examinations[0].Accuracy)} %, ")
            .Append(CultureInfo.InvariantCulture, $"the last {HtmlText.Percent(examinations[^1].Accuracy)} %\">");
        for (var tenth = 0; tenth <= 10; tenth += 2)
        {
            var y = Y(tenth / 10.0);
            text.Append(CultureInfo.InvariantCulture, $"<path class=\"grid\" d=\"M{Left} {y:F1}H{Left + Width}\"/>")
                .Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 6}\" y=\"{y + 4:F1}\" class=\"axis end\">{tenth * 10} %</text>");
        }

        text.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"{Top + Height + 18}\" class=\"axis\">step 0</text>")
            .Append(CultureInfo.InvariantCulture, $"<text x=\"{Left + Width}\" y=\"{Top + Height + 18}\" class=\"axis end\">{last}</text>");
        var served = examinations.Where(one => one.IsPromoted).OrderBy(one => one.Step)
            .Select(one => string.Create(CultureInfo.InvariantCulture, $"{X(one):F1} {Y(one.Accuracy):F1}")).ToList();
        text.Append(served.Count > 1 ? $"<path class=\"served\" d=\"M{string.Join('L', served)}\"/>" : "");
        foreach (var one in examinations)
        {
            text.Append(CultureInfo.InvariantCulture, $"<path class=\"whisker\" d=\"M{X(one):F1} {Y(one.Interval.Low):F1}")
                .Append(CultureInfo.InvariantCulture, $"V{Y(one.Interval.High):F1}\"/>")
                .Append("<circle class=\"").Append(one.IsPromoted ? "promoted" : "kept-back")
                .Append(CultureInfo.InvariantCulture, $"\" cx=\"{X(one):F1}\" cy=\"{Y(one.Accuracy):F1}\" r=\"4\">")
                .Append(CultureInfo.InvariantCulture, $"<title>version {one.Version}, step {one.Step}: ")
                .Append(CultureInfo.InvariantCulture, $"{one.Right} of {one.Questions}</title></circle>");
        }

        return text.Append("</svg>").ToString();
    }

    private static double Y(double share) => Top + (Height * (1 - share));
}
