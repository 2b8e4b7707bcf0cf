using System.Globalization;
using System.Text;

namespace Orca.Model.Prompting.Jinja.Library;

/// <summary>A time in the format of <c>strftime</c>, with English names.</summary>
internal static class DateFormat
{
    /// <exception cref="JinjaException">The format has a directive that is not known.</exception>
    public static string Write(DateTimeOffset time, string format)
    {
        var text = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                text.Append(format[i]);
                continue;
            }

            var plain = i + 1 < format.Length && format[i + 1] == '-';
            i += plain ? 2 : 1;
            var written = i < format.Length ? Directive(time, format[i]) : throw Unknown("%");
            text.Append(plain && written.TrimStart('0') is { Length: > 0 } trimmed ? trimmed : plain ? "0" : written);
        }

        return text.ToString();
    }

    private static string Directive(DateTimeOffset time, char directive) => directive switch
    {
        'a' => Named(time, "ddd"),
        'A' => Named(time, "dddd"),
        'b' or 'h' => Named(time, "MMM"),
        'B' => Named(time, "MMMM"),
        'd' => Named(time, "dd"),
        'e' => $"{time.Day,2}",
        'D' => Named(time, "MM/dd/yy"),
        'F' => Named(time, "yyyy-MM-dd"),
        'H' => Named(time, "HH"),
        'I' => Named(time, "hh"),
        'j' => time.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
        'm' => Named(time, "MM"),
        'M' => Named(time, "mm"),
        'p' => Named(time, "tt"),
        'R' => Named(time, "HH:mm"),
        'S' => Named(time, "ss"),
        'T' => Named(time, "HH:mm:ss"),
        'u' => (time.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)time.DayOfWeek).ToString(CultureInfo.InvariantCulture),
        'w' => ((int)time.DayOfWeek).ToString(CultureInfo.InvariantCulture),
        'y' => Named(time, "yy"),
        'Y' => Named(time, "yyyy"),
        '%' => "%",
        _ => throw Unknown("%" + directive),
    };

    private static string Named(DateTimeOffset time, string format) => time.ToString(format, CultureInfo.InvariantCulture);

    private static JinjaException Unknown(string directive) => new($"strftime_now has no directive '{directive}'");
}
