using System.Globalization;
using System.Net.Http.Headers;

namespace Orca.Streams.Teachers.Endpoints;

/// <summary>
/// Reads numbers and moments of headers as they come, which may be any text: of several values the first that can be read.
/// </summary>
internal static class HeaderValues
{
    // Eleven days. What asks for more is taken for nonsense.
    private const double MostSeconds = 1e6;

    // RFC 9110, 5.6.7, and RFC 3339, which Anthropic's are.
    private static readonly string[] Moments =
    [
        "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'", "dddd, dd-MMM-yy HH':'mm':'ss 'GMT'", "ddd MMM d HH':'mm':'ss yyyy",
        "yyyy-MM-dd'T'HH':'mm':'ssK", "yyyy-MM-dd'T'HH':'mm':'ss.FFFFFFFK",
    ];

    /// <summary>A number of zero or more; null where there is none.</summary>
    public static double? Number(HttpResponseHeaders headers, string name) => First(headers, name, NumberIn);

    /// <summary>
    /// A time: what a text says of it, or until a moment, compared with the server's own clock; null where there is none.
    /// </summary>
    /// <param name="headers">The headers.</param>
    /// <param name="name">The header's name.</param>
    /// <param name="read">Seconds that a text says, where it is no moment.</param>
    public static TimeSpan? Time(HttpResponseHeaders headers, string name, Func<string, double?> read) =>
        First(headers, name, text => read(text) ?? Until(headers, text)) is { } seconds && seconds is >= 0 and < MostSeconds
            ? TimeSpan.FromSeconds(seconds)
            : null;

    /// <summary>A number of zero or more.</summary>
    public static double? NumberIn(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= 0 && double.IsFinite(value)
            ? value
            : null;

    private static double? Until(HttpResponseHeaders headers, string text) =>
        DateTimeOffset.TryParseExact(
            text, Moments, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowInnerWhite, out var until)
        && headers.Date is { } now && until > now
            ? (until - now).TotalSeconds
            : null;

    // A header that comes twice is two values, or, from some proxies, one with a comma between them; so has a moment.
    private static double? First(HttpResponseHeaders headers, string name, Func<string, double?> read) =>
        headers.NonValidated.TryGetValues(name, out var values)
            ? values.SelectMany(value => value.Split(',').Prepend(value))
                .Select(text => read(text.Trim())).FirstOrDefault(one => one is not null)
            : null;
}
