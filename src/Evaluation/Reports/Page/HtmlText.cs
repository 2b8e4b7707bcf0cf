using System.Globalization;
using System.Net;
using Orca.Evaluation.Statistics;

namespace Orca.Evaluation.Reports.Page;

/// <summary>Texts and figures as they stand in HTML.</summary>
internal static class HtmlText
{
    /// <summary>
    /// A text that is no markup, in an element or an attribute. What HTML cannot hold (NUL, half a surrogate pair) is U+FFFD.
    /// </summary>
    public static string Escape(string text) => WebUtility.HtmlEncode(text).Replace('\0', '\uFFFD');

    /// <summary>A share in percent, one digit behind the point; a dash for none.</summary>
    public static string Percent(double? share) => share is { } value ? (value * 100).ToString("F1", CultureInfo.InvariantCulture) : "–";

    /// <summary>An interval in percent; a dash for none.</summary>
    public static string Range(Interval? interval) => interval is null ? "–" : $"{Percent(interval.Low)}–{Percent(interval.High)}";

    /// <summary>A cell with a share in percent, sorted by the whole of it.</summary>
    public static string Cell(double? share) => Cell(share, Percent(share));

    /// <summary>A cell sorted by a number; behind all others where there is none.</summary>
    public static string Cell(double? value, string shown) =>
        string.Create(CultureInfo.InvariantCulture, $"<td class=\"number\" data-value=\"{value:R}\">{shown}</td>");

    /// <summary>A cell with a count.</summary>
    public static string Cell(int count) => Cell(count, count.ToString(CultureInfo.InvariantCulture));

    /// <summary>The heads of columns that can be sorted; the title says what each holds.</summary>
    public static string Heads(params IEnumerable<(string Name, string Title)> columns) => string.Concat(columns.Select(column =>
        $"<th scope=\"col\" title=\"{Escape(column.Title)}\"><button type=\"button\">{Escape(column.Name)}</button></th>"));
}
