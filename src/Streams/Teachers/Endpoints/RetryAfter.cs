using System.Net.Http.Headers;

namespace Orca.Streams.Teachers.Endpoints;

/// <summary>The pause that a reply's headers ask for.</summary>
internal static class RetryAfter
{
    /// <summary>From <c>retry-after-ms</c>, else <c>retry-after</c>: seconds, or a date, compared with the server's own clock.</summary>
    /// <returns>Null where they ask for nothing that can be read, or for more than eleven days.</returns>
    public static TimeSpan? Of(HttpResponseHeaders headers) =>
        HeaderValues.Time(headers, "retry-after-ms", text => HeaderValues.NumberIn(text) / 1_000)
        ?? HeaderValues.Time(headers, "retry-after", HeaderValues.NumberIn);
}
