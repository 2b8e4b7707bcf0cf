using System.Collections.Immutable;
using System.Globalization;

namespace Orca.Cli.Teacher.Faults;

/// <summary>Replies instead of answers, as providers word them.</summary>
internal static class Refusals
{
    private const string Invalid = "invalid_request_error";
    private const string Server = "server_error";

    public static readonly ImmutableArray<RefusedCall> All =
    [
        new("307", "sent on to another address", (_, _) =>
            new Refusal(307, "") { Headers = [("Location", "http://127.0.0.1:9/v1/chat/completions")] }),
        Error(
            "400", "the content of the question is refused", 400, "The request was flagged by our content policy.",
            "content_policy_violation"),
        Error(
            "400-parameter", "a parameter is refused", 400,
            "Unsupported value: 'temperature' does not support 0.7 with this model. Only the default (1) value is supported.",
            "unsupported_value"),
        Error(
            "400-length", "the question is too long", 400, "This model's maximum context length is 10 tokens.",
            "context_length_exceeded"),
        new("401", "the key is wrong", (_, _) => WrongKey),
        Error("402", "nothing is left to pay with", 402, "Insufficient Balance", "insufficient_balance"),
        Error("403", "the key may not do this", 403, "You do not have access to this project.", "permission_denied"),
        Error("403-question", "the question is flagged", 403, "Input was flagged by moderation.", "moderation"),
        new("404-model", "there is no such model", (request, _) => NoModel(request.Model)),
        Error("407", "a proxy wants to know who asks", 407, "Proxy Authentication Required", "proxy_authentication"),
        Error("408", "the request took too long", 408, "Request timed out.", "timeout"),
        Error("409", "something else is under way", 409, "The resource is locked by another request.", "conflict"),
        Error("413", "the request is too large", 413, "Request body too large.", "request_too_large"),
        Error("422", "the request cannot be processed", 422, "Unprocessable request.", "unprocessable_entity"),
        new("429", "too much was asked, without a word on when to come back", (_, _) => TooMany()),
        new("429-seconds", "too much was asked; come back after seconds", (_, pause) => TooMany(("Retry-After", Whole(pause)))),
        new("429-milliseconds", "too much was asked; come back after milliseconds", (_, pause) =>
            TooMany(("retry-after-ms", Text(pause.TotalMilliseconds)))),
        new("429-date", "too much was asked; come back at a date", (_, pause) =>
            TooMany(("Retry-After", (DateTimeOffset.UtcNow + pause).ToString("R", CultureInfo.InvariantCulture)))),
        new("429-quota", "the account's quota is used up", (_, _) => NoCredit),
        Error("500", "the server is broken", 500, "The server had an error while processing your request.", null),
        new("502-html", "a gateway's page", (_, _) => Page(502, "502 Bad Gateway")),
        Error("503", "the server is busy", 503, "Loading model", "unavailable_error"),
        new("503-seconds", "the server is busy; come back after seconds", (_, pause) => Refusal.Of(
            503, "The engine is currently overloaded, please try again later.", Server, null, ("Retry-After", Whole(pause)))),
        Error("504", "a gateway waited in vain", 504, "The upstream server did not answer in time.", null),
        Error("529", "the provider is overloaded", 529, "Overloaded", "overloaded_error"),
        new("error-in-200", "an error of the provider behind, in a reply of status 200", (_, _) => new Refusal(
            200, """{"id":null,"choices":null,"error":{"message":"Provider returned error","code":502}}""")),
        new("credit-in-200", "no credit, in a reply of status 200", (_, _) => new Refusal(
            200, """{"id":null,"choices":null,"error":{"message":"Provider returned error: credit limit reached for key","code":402}}""")),
        new("html-in-200", "a proxy's page in a reply of status 200", (_, _) => Page(200, "Sign in to continue")),
    ];

    /// <summary>Nobody has the key that was shown.</summary>
    public static Refusal WrongKey => Refusal.Of(401, "Incorrect API key provided.", Invalid, "invalid_api_key");

    /// <summary>The account has spent all it may.</summary>
    public static Refusal NoCredit => Refusal.Of(
        429, "You exceeded your current quota, please check your plan and billing details.", "insufficient_quota", "insufficient_quota");

    /// <summary>There is no such model, or not for this key.</summary>
    public static Refusal NoModel(string name) =>
        Refusal.Of(404, $"The model '{name}' does not exist or you do not have access to it.", Invalid, "model_not_found");

    /// <summary>Whole seconds, at least as many as asked for.</summary>
    public static string Whole(TimeSpan pause) => Text(Math.Ceiling(pause.TotalSeconds));

    private static RefusedCall Error(string name, string meaning, int status, string message, string? code)
    {
        var type = status >= 500 ? Server : Invalid;
        return new RefusedCall(name, meaning, (_, _) => Refusal.Of(status, message, type, code));
    }

    private static Refusal TooMany(params ReadOnlySpan<(string Name, string Value)> headers) =>
        Refusal.Of(429, "Rate limit reached.", "requests", "rate_limit_exceeded", headers);

    private static Refusal Page(int status, string title) =>
        new(status, $"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>") { Type = "text/html" };

    private static string Text(double number) => number.ToString("0.###", CultureInfo.InvariantCulture);
}
