using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Orca.Cli.Teacher.Faults;

/// <summary>Something that endpoints do to their callers.</summary>
/// <param name="Name">What rules call it.</param>
/// <param name="Meaning">What the caller sees.</param>
internal abstract record FaultKind(string Name, string Meaning)
{
    /// <summary>All there are.</summary>
    public static ImmutableArray<FaultKind> All { get; } = [.. Refusals.All, .. ChangedAnswers.All, .. BrokenReplies.All];

    /// <summary>The fault of a name; null where there is none.</summary>
    public static FaultKind? Named(string name) => All.FirstOrDefault(kind => kind.Name == name);
}

/// <summary>A reply instead of an answer. Nothing is owed for it.</summary>
/// <param name="Name">What rules call it.</param>
/// <param name="Meaning">What the caller sees.</param>
/// <param name="Reply">The reply to a request, given the pause that it asks for, by the caller's clock.</param>
internal sealed record RefusedCall(string Name, string Meaning, Func<ChatRequest, TimeSpan, Refusal> Reply) : FaultKind(Name, Meaning);

/// <summary>An answer of another form. It is owed for as any other.</summary>
/// <param name="Name">What rules call it.</param>
/// <param name="Meaning">What the caller sees.</param>
/// <param name="Change">Changes a chat completion.</param>
internal sealed record ChangedAnswer(string Name, string Meaning, Action<JsonObject> Change) : FaultKind(Name, Meaning);

/// <summary>An answer whose way to the caller is broken. It is owed for.</summary>
/// <param name="Name">What rules call it.</param>
/// <param name="Meaning">What the caller sees.</param>
/// <param name="IsLost">Whether no caller can read the answer, however patient.</param>
/// <param name="SendAsync">Sends it.</param>
internal sealed record BrokenReply(string Name, string Meaning, bool IsLost, Func<Reply, HttpContext, CancellationToken, Task> SendAsync)
    : FaultKind(Name, Meaning);

/// <summary>A reply instead of an answer.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Body">Its body.</param>
internal sealed record Refusal(int Status, string Body)
{
    /// <summary>The body's type.</summary>
    public string Type { get; init; } = "application/json";

    /// <summary>Further headers.</summary>
    public ImmutableArray<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>A refusal of the form that OpenAI's clients read.</summary>
    public static Refusal Of(
        int status, string message, string type, string? code, params ReadOnlySpan<(string Name, string Value)> headers) =>
        new(status, new JsonObject
        {
            ["error"] = new JsonObject { ["message"] = message, ["type"] = type, ["param"] = null, ["code"] = code },
        }.ToJsonString())
        {
            Headers = [.. headers],
        };

    /// <summary>Sends it.</summary>
    public Task WriteAsync(HttpContext context)
    {
        (context.Response.StatusCode, context.Response.ContentType) = (Status, Type);
        foreach (var (name, value) in Headers)
        {
            context.Response.Headers[name] = value;
        }

        return context.Response.WriteAsync(Body, context.RequestAborted);
    }
}
