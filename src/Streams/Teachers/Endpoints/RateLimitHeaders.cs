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
        var read = new RateLimit(
            HeaderValues.Number(headers, limit), HeaderValues.Number(headers, remaining), HeaderValues.Time(headers, reset, SecondsIn));
        return read is { Limit: null, Remaining: null } ? null : read;
    }

    // Seconds, or 1m30.5s.
    private static double? SecondsIn(string text)
    {
        if (HeaderValues.NumberIn(text) is { } seconds)
        {
            return seconds;
        }

        if (text.Length == 0 || Duration().Match(text) is not { Success: true } match)
        {
            return null;
        }

        double Part(string unit) =>
            match.Groups[unit].Success ? double.Parse(match.Groups[unit].Value, CultureInfo.InvariantCulture) : 0;
        return (Part("d") * 86_400) + (Part("h") * 3600) + (Part("m") * 60) + Part("s") + (Part("ms") / 1000);
    }

    [GeneratedRegex(@"^(?:(?<d>\d+)d)?(?:(?<h>\d+)h)?(?:(?<m>\d+)m(?!s))?(?:(?<s>\d+(?:\.\d+)?)s)?(?:(?<ms>\d+(?:\.\d+)?)ms)?$")]
    private static partial Regex Duration();
}
