using System.Globalization;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;

namespace Orca.Streams.Teachers.Endpoints;

/// <summary>
/// Reads what headers say of quotas: OpenAI's <c>x-ratelimit-*-requests</c>, Anthropic's <c>anthropic-ratelimit-requests-*</c>, and the
/// plain <c>ratelimit-*</c> of others, which speak of requests.
/// </summary>
internal static partial class RateLimitHeaders
{
    private const double MostSeconds = 1e6;

    /// <summary>What they say; nothing of what cannot be read.</summary>
    public static RateLimits Of(HttpResponseHeaders headers)
    {
        var requests = OpenAi(headers, "requests") ?? Anthropic(headers, "requests") ?? Plain(headers);
        var tokens = OpenAi(headers, "tokens") ?? Anthropic(headers, "tokens");
        return requests is null && tokens is null ? RateLimits.None : new RateLimits(requests, tokens);
    }

    private static RateLimit? OpenAi(HttpResponseHeaders headers, string what) => Of(
        headers, $"x-ratelimit-limit-{what}", $"x-ratelimit-remaining-{what}", $"x-ratelimit-reset-{what}");

    private static RateLimit? Anthropic(HttpResponseHeaders headers, string what) => Of(
        headers, $"anthropic-ratelimit-{what}-limit", $"anthropic-ratelimit-{what}-remaining", $"anthropic-ratelimit-{what}-reset");

    // Nothing tells of which time their limit is: a second's, taken for a minute's, would slow everything sixty times.
    private static RateLimit? Plain(HttpResponseHeaders headers) =>
        Of(headers, "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset") is { } read ? read with { Limit = null } : null;

    private static RateLimit? Of(HttpResponseHeaders headers, string limit, string remaining, string reset)
    {
        var read = new RateLimit(Number(headers, limit), Number(headers, remaining), Time(headers, reset));
        return read is { Limit: null, Remaining: null } ? null : read;
    }

    private static double? Number(HttpResponseHeaders headers, string name) =>
        double.TryParse(Text(headers, name), NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            && value >= 0 && double.IsFinite(value)
            ? value
            : null;

    // Seconds, a moment compared with the server's own clock, or 1m30.5s.
    private static TimeSpan? Time(HttpResponseHeaders headers, string name)
    {
        var text = Text(headers, name);
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds))
        {
            return seconds is >= 0 and < MostSeconds ? TimeSpan.FromSeconds(seconds) : null;
        }

        if (Duration().Match(text) is { Success: true } match)
        {
            double Part(string unit) =>
                match.Groups[unit].Success ? double.Parse(match.Groups[unit].Value, CultureInfo.InvariantCulture) : 0;
            var total = (Part("d") * 86_400) + (Part("h") * 3600) + (Part("m") * 60) + Part("s") + (Part("ms") / 1000);
            return total < MostSeconds ? TimeSpan.FromSeconds(total) : null;
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out var until) && headers.Date is { } now && until > now
            ? until - now
            : null;
    }

    private static string? Text(HttpResponseHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;

    [GeneratedRegex(@"^(?:(?<d>\d+)d)?(?:(?<h>\d+)h)?(?:(?<m>\d+)m(?!s))?(?:(?<s>\d+(?:\.\d+)?)s)?(?:(?<ms>\d+(?:\.\d+)?)ms)?$")]
    private static partial Regex Duration();
}
