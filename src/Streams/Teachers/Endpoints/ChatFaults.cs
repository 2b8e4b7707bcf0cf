using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Orca.Streams.Teachers.Endpoints;

/// <summary>What an endpoint's errors mean, by status and by what they say.</summary>
internal static partial class ChatFaults
{
    private const int MostCharacters = 300;

    private static readonly string[] OfCredit =
    [
        "insufficient_quota", "billing_", "billing hard limit", "account is not active", "exceeded your current quota",
        "insufficient balance", "insufficient credit", "credit limit", "credit balance",
    ];

    private static readonly string[] OfContent = ["content_filter", "content_policy", "content management policy", "moderation", "flagged"];

    private static readonly string[] OfLength =
        ["context_length", "maximum context length", "string_above_max_length", "too many tokens", "prompt is too long"];

    private static readonly string[] OfKey = ["invalid_api_key", "authentication_error", "incorrect api key"];

    private static readonly string[] OfModel = ["model_not_found", "does not exist", "unknown model"];

    private static readonly string[] OfRate = ["rate_limit", "too many requests"];

    /// <summary>The attempt that a reply with an error's status is.</summary>
    /// <param name="status">The status: 300 or more.</param>
    /// <param name="body">The body.</param>
    public static Attempt Of(int status, string body)
    {
        var said = Said(body);
        var (kind, fault) = Meaning(status, Telling(body));
        return new Attempt(kind)
        {
            Fault = fault,
            Message = string.Create(CultureInfo.InvariantCulture, $"answered with status {status}{(said.Length > 0 ? $" ({said})" : "")}"),
        };
    }

    /// <summary>The attempt that an error within a reply of status 200 is.</summary>
    public static Attempt Within(JsonElement error)
    {
        var body = $$"""{"error":{{error.GetRawText()}}}""";
        var (kind, fault) = Meaning(StatusIn(error), Telling(body));
        return new Attempt(kind) { Fault = fault, Message = $"answered with an error ({Said(body)})" };
    }

    /// <summary>Kind and fault of an error.</summary>
    /// <param name="status">The status, or 0 where nothing tells one.</param>
    /// <param name="said">What it says, in lower case.</param>
    private static (AttemptKind Kind, TeacherFault Fault) Meaning(int status, string said)
    {
        if (status == 402 || (status is not (>= 500) && Names(OfCredit, said)))
        {
            return (AttemptKind.NoCredit, TeacherFault.Settings);
        }

        return status switch
        {
            401 or 407 => (AttemptKind.NoPermission, TeacherFault.Settings),
            408 or 504 => (AttemptKind.TimedOut, TeacherFault.Temporary),
            409 or 425 or >= 500 => (AttemptKind.Broken, TeacherFault.Temporary),
            429 => (AttemptKind.Throttled, TeacherFault.Temporary),
            413 => (AttemptKind.RejectedRequest, TeacherFault.Request),
            _ when Names(OfKey, said) => (AttemptKind.NoPermission, TeacherFault.Settings),
            _ when Names(OfContent, said) || Names(OfLength, said) => (AttemptKind.RejectedRequest, TeacherFault.Request),
            403 => (AttemptKind.NoPermission, TeacherFault.Unclear),
            (>= 300 and < 400) or 404 or 405 => (AttemptKind.RejectedRequest, TeacherFault.Settings),
            _ when Names(OfModel, said) => (AttemptKind.RejectedRequest, TeacherFault.Settings),
            >= 400 => (AttemptKind.RejectedRequest, TeacherFault.Unclear),
            _ when Names(OfRate, said) => (AttemptKind.Throttled, TeacherFault.Temporary),
            _ => (AttemptKind.Broken, TeacherFault.Temporary),
        };
    }

    private static bool Names(string[] words, string said) => words.Any(word => said.Contains(word, StringComparison.Ordinal));

    private static int StatusIn(JsonElement error)
    {
        foreach (var name in (string[])["code", "status"])
        {
            if (error.ValueKind == JsonValueKind.Object && error.TryGetProperty(name, out var value))
            {
                var text = value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText();
                if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status is >= 400 and < 600)
                {
                    return status;
                }
            }
        }

        return 0;
    }

    // The error's own message where the body has one, else its text without markup; on one line, not all of it, and nothing that a
    // terminal would heed.
    private static string Said(string body)
    {
        var line = string.Join(
            ' ', (MessageIn(body) ?? Markup().Replace(body, " ")).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        line = string.Concat(line.Select(character => char.IsControl(character) ? '\uFFFD' : character));
        return line.Length > MostCharacters ? line[..MostCharacters] + "…" : line;
    }

    private static string? MessageIn(string body) => OfError(body, error => error.ValueKind == JsonValueKind.String
        ? error.GetString()
        : TextOf(error, "message"));

    // The words in which an endpoint tells kinds of errors, in lower case: not what it repeats of the question, where that can be told.
    private static string Telling(string body) => (OfError(body, error => error.ValueKind == JsonValueKind.String
        ? error.GetString()
        : (TextOf(error, "code"), TextOf(error, "type"), TextOf(error, "message")) is var (code, type, message)
            && (code ?? type ?? message) is not null ? $"{code} {type} {message}" : null) ?? body).ToLowerInvariant();

    private static string? TextOf(JsonElement error, string name) =>
        error.ValueKind == JsonValueKind.Object && error.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static string? OfError(string body, Func<JsonElement, string?> read)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return read(json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("error", out var inner)
                ? inner
                : json.RootElement);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    [GeneratedRegex("<(?:style|script)[^>]*>.*?</(?:style|script)>|<[^>]*>", RegexOptions.Singleline | RegexOptions.IgnoreCase)]
    private static partial Regex Markup();
}
