using System.Globalization;
using System.Net.Http.Headers;

namespace Orca.Streams.Teachers.Endpoints;

/// <summary>The pause that a reply's headers ask for.</summary>
internal static class RetryAfter
{
    private const double MostSeconds = 1e6;

    /// <summary>From <c>retry-after-ms</c>, else <c>retry-after</c>: seconds, or a date, compared with the server's own clock.</summary>
    /// <returns>Null where they ask for nothing that can be read.</returns>
    public static TimeSpan? Of(HttpResponseHeaders headers) =>
        Number(headers, "retry-after-ms") is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds)
        : Number(headers, "retry-after") is { } seconds ? TimeSpan.FromSeconds(seconds)
        : Text(headers, "retry-after") is { } text && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out var until)
            && headers.Date is { } now && until > now ? until - now
        : null;

    private static double? Number(HttpResponseHeaders headers, string name) =>
        double.TryParse(Text(headers, name), NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            && value is >= 0 and < MostSeconds
            ? value
            : null;

    private static string? Text(HttpResponseHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;
}
