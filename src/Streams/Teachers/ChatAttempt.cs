using System.ClientModel;
using System.Globalization;

namespace Orca.Streams.Teachers;

/// <summary>How one call of a chat endpoint ended: with a reply, or with what went wrong.</summary>
internal sealed record ChatAttempt
{
    /// <summary>The reply; null where it failed.</summary>
    public ChatReply? Reply { get; init; }

    /// <summary>What is at fault where it failed.</summary>
    public TeacherFault Fault { get; init; }

    /// <summary>What went wrong, as the rest of a sentence about the teacher.</summary>
    public string Message { get; init; } = "";

    /// <summary>The pause the server asks for; null where it says nothing.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>What was thrown.</summary>
    public Exception? Exception { get; init; }

    /// <summary>A call that brought no reply at all.</summary>
    public static ChatAttempt Lost(string message, Exception exception) => new() { Message = message, Exception = exception };

    /// <summary>A call that the server answered with an error.</summary>
    public static ChatAttempt Refused(ClientResultException failure) => new()
    {
        Fault = failure.Status switch
        {
            401 or 403 or 404 or 405 => TeacherFault.Settings,
            408 or 409 or 425 or 429 => TeacherFault.Temporary,
            >= 400 and < 500 => TeacherFault.Request,
            _ => TeacherFault.Temporary,
        },
        Message = $"answered with status {failure.Status}{Excerpt(failure)}",
        RetryAfter = RetryAfterOf(failure),
        Exception = failure,
    };

    // Seconds or an HTTP date; a date is compared with the server's own clock, not ours.
    private static TimeSpan? RetryAfterOf(ClientResultException failure)
    {
        var headers = failure.GetRawResponse()?.Headers;
        if (headers is null || !headers.TryGetValue("retry-after", out var text))
        {
            return null;
        }

        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and < 1e6)
        {
            return TimeSpan.FromSeconds(seconds);
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out var until)
            && headers.TryGetValue("date", out var date) && DateTimeOffset.TryParse(date, CultureInfo.InvariantCulture, out var now)
            && until > now
                ? until - now
                : null;
    }

    private static string Excerpt(ClientResultException failure)
    {
        var body = failure.GetRawResponse()?.Content?.ToString() ?? "";
        var line = string.Join(' ', body.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length switch { 0 => "", > 200 => $" ({line[..200]}…)", _ => $" ({line})" };
    }
}
