using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orca.Streams.Screening;
using Orca.Streams.Storage;

namespace Orca.Cli.Traces;

/// <summary>What a screen rejected, with examples, as a terminal and as a program reads it.</summary>
internal static class RejectionText
{
    private const int ShownOfTexts = 100;

    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web)
    {
        // Texts of any language as they are; control characters are escaped in any case.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>The screen and its count in one line, then each example in four.</summary>
    public static string Shown(ScreenRejections rejections, IEnumerable<StoredTrace> examples)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{TraceText.Cut(rejections.Screen, 32)}  {rejections.Traces} rejected");
        foreach (var trace in examples)
        {
            var query = trace.Request.Query;
            text.AppendLine($"  {trace.Id[..TraceText.ShownOfId]}  {TraceText.Cut($"{query.Collection}/{query.Task}", ShownOfTexts)}");
            Line(text, "reason", $"{Measured(trace)}{trace.Verdict?.Reason}");
            Line(text, "question", query.Prompt);
            Line(text, "answer", trace.Answer?.Response ?? "");
        }

        return text.ToString();
    }

    /// <summary>Each example as an object in a line of its own.</summary>
    public static string Json(ScreenRejections rejections, IEnumerable<StoredTrace> examples) => string.Concat(
        examples.Select(trace => JsonSerializer.Serialize(RowOf(rejections, trace), Form) + Environment.NewLine));

    private static void Line(StringBuilder text, string name, string value) =>
        text.AppendLine($"    {name,-8}  {TraceText.Cut(value.Trim(), ShownOfTexts)}");

    private static string Measured(StoredTrace trace) => Rejecting(trace) is { } verdict
        ? string.Create(CultureInfo.InvariantCulture, $"measured {verdict.Value:g4}: ")
        : "";

    private static ScreenVerdict? Rejecting(StoredTrace trace) => trace.Verdict?.Screens.FirstOrDefault(screen => !screen.Passed);

    private static RejectedRow RowOf(ScreenRejections rejections, StoredTrace trace) => new(
        rejections.Screen, rejections.Traces, trace.Id, trace.Request.Stage, trace.Request.Query.Collection, trace.Request.Query.Task,
        trace.Verdict?.Reason, Rejecting(trace)?.Value, trace.Verdict?.Settings, trace.Request.Query.Prompt, trace.Answer?.Response);

    /// <summary>One example.</summary>
    /// <param name="Screen">The screen that rejected it.</param>
    /// <param name="Rejected">How many that screen rejected in all.</param>
    /// <param name="Id">The trace's id.</param>
    /// <param name="Stage">The stage it was asked for.</param>
    /// <param name="Collection">Its collection.</param>
    /// <param name="Task">Its task.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="Measured">What the screen measured; "NaN" where it failed on the trace.</param>
    /// <param name="Settings">By which settings; null where they are not known.</param>
    /// <param name="Question">The question.</param>
    /// <param name="Answer">The answer.</param>
    private sealed record RejectedRow(
        string Screen, long Rejected, string Id, string Stage, string Collection, string Task, string? Reason, double? Measured,
        string? Settings, string Question, string? Answer);
}
