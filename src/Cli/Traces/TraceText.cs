using System.Globalization;
using System.Text;
using Orca.Cli.Display;
using Orca.Streams.Scoring;
using Orca.Streams.Storage;

namespace Orca.Cli.Traces;

/// <summary>Stored traces as a terminal shows them.</summary>
internal static class TraceText
{
    /// <summary>Characters of an id that are shown in a line.</summary>
    public const int ShownOfId = 12;

    private const int ShownOfTexts = 60;

    /// <summary>Column heads of <see cref="Line"/>.</summary>
    public static string Header =>
        $"{"id",-ShownOfId}  {"state",-8}  {"stage",-9}  {"collection/task",-32}  {"teacher",-16}  {"tokens",7}  {"cost",9}  question, "
            + "or why not";

    /// <summary>A trace in one line.</summary>
    public static string Line(StoredTrace trace)
    {
        var query = trace.Request.Query;
        var tokens = trace.Answer is { } answer ? answer.PromptTokens + answer.CompletionTokens : 0;
        var last = Cut(trace.Verdict?.Reason is { } reason ? $"{trace.Verdict.Screen ?? "failed"}: {reason}" : query.Prompt, ShownOfTexts);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{trace.Id[..ShownOfId]}  {StateOf(trace),-8}  {trace.Request.Stage,-9}  {Cut($"{query.Collection}/{query.Task}", 32),-32}  "
                + $"{Cut(trace.Answer?.Teacher ?? "", 16),-16}  {tokens,7}  {trace.Answer?.Cost ?? 0,9:0.######}  {last}");
    }

    /// <summary>Counts as a table, with their sum.</summary>
    public static string Table(string field, IReadOnlyList<TraceCount> counts)
    {
        var text = new StringBuilder();
        text.AppendLine(
            CultureInfo.InvariantCulture, $"{field,-32}  {"traces",10}  {"prompt tokens",14}  {"answer tokens",14}  {"cost",12}");
        var all = new TraceCount(
            "all", counts.Sum(count => count.Traces), counts.Sum(count => count.PromptTokens), counts.Sum(count => count.CompletionTokens),
            counts.Sum(count => count.Cost));
        foreach (var count in counts.Append(all))
        {
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"{Cut(count.Name.Length == 0 ? "-" : count.Name, 32),-32}  {count.Traces,10}  {count.PromptTokens,14}  "
                    + $"{count.CompletionTokens,14}  {count.Cost,12:0.00####}");
        }

        return text.ToString();
    }

    /// <summary>All that is known of a trace.</summary>
    public static string Whole(
        StoredTrace trace, IReadOnlyCollection<StoredAttempt> attempts, IEnumerable<StoredVerdict> former,
        IReadOnlyCollection<TraceScore> scores)
    {
        var text = new StringBuilder();
        var (request, query) = (trace.Request, trace.Request.Query);
        void Say(string name, FormattableString value) =>
            text.AppendLine($"{name + ":",-14}{value.ToString(CultureInfo.InvariantCulture)}");
        void Tell(string name, string? words)
        {
            if (!string.IsNullOrEmpty(words))
            {
                text.AppendLine().AppendLine($"{name}:").AppendLine(words);
            }
        }

        Say("id", $"{trace.Id}");
        Say("state", $"{StateOf(trace)}");
        Say("asked for", $"stage {request.Stage}, collection {query.Collection}, task {query.Task}, question {query.Id}");
        if (request.Sample > 0)
        {
            Say("answer", $"number {request.Sample + 1} to this question");
        }

        Say("asked", $"{trace.TimesAsked} {(trace.TimesAsked == 1 ? "time" : "times")}, the last at {trace.AskedAt:O}");
        Say("attempts", $"{attempts.Count}");
        foreach (var attempt in attempts)
        {
            text.AppendLine(SpendingText.Line(attempt));
        }

        if (trace.Answer is { } answer)
        {
            var (seconds, finish) = (answer.Latency.TotalSeconds, answer.Finish.ToString().ToLowerInvariant());
            Say("answered", $"by {answer.Teacher} in {seconds:0.###} s at {trace.AnsweredAt:O}, ended by {finish}");
            Say("price", $"{answer.Cost:0.############} USD for {answer.PromptTokens} tokens asked and {answer.CompletionTokens} answered");
        }

        foreach (var verdict in former)
        {
            Say("found before", $"{Found(verdict)}");
        }

        if (trace.Verdict is { } found)
        {
            Say("found", $"{Found(found)}");
            foreach (var screen in found.Screens)
            {
                text.AppendLine(
                    CultureInfo.InvariantCulture,
                    $"  {screen.Screen,-14}{(screen.Passed ? "passed" : "rejected")}, measured "
                        + $"{screen.Value:0.##}{(screen.Reason is null ? "" : $": {screen.Reason}")}");
            }
        }

        if (scores.Count > 0)
        {
            Say("scores", $"{string.Join(", ", scores.Select(score => FormattableString.Invariant($"{score.Name} {score.Value:0.###}")))}");
        }

        Say("lesson", $"{LessonOf(trace)}");
        Tell("System message", request.SystemMessage);
        Tell("Question", query.Prompt);
        Tell("Right answers", string.Join('\n', query.GoldAnswers));
        Tell("Reasoning", trace.Answer?.Reasoning);
        Tell("Answer", trace.Answer?.Response);
        return TerminalText.Harmless(text.ToString());
    }

    private static string Found(StoredVerdict verdict)
    {
        var outcome = verdict.Outcome.ToString().ToLowerInvariant();
        var by = verdict.Screen is null ? "" : $" by {verdict.Screen} ({verdict.Settings ?? "settings not known"})";
        var why = verdict.Reason is null ? "" : $": {verdict.Reason}";
        return string.Create(CultureInfo.InvariantCulture, $"{outcome}{by} at {verdict.JudgedAt:O}{why}");
    }

    private static string LessonOf(StoredTrace trace) => trace.State switch
    {
        TraceState.Accepted => $"number {trace.Verdict!.Place + 1} of stage {trace.Request.Stage}: question and answer below",
        TraceState.Rejected or TraceState.Failed => "none",
        _ => "none yet",
    };

    private static string StateOf(StoredTrace trace) => trace.State.ToString().ToLowerInvariant();

    /// <summary>The beginning of a text in one harmless line.</summary>
    public static string Cut(string text, int length)
    {
        // Not all of a long text is looked at: what becomes one character is two at most.
        text = TerminalText.Harmless(text[..Math.Min(text.Length, 2 * (length + 1))].ReplaceLineEndings(" ").Replace('\t', ' '));
        return text.Length <= length ? text : text[..(length - 1)] + "…";
    }
}
