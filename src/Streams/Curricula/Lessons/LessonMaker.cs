using System.Collections.Immutable;
using System.Globalization;
using Orca.Streams.Teachers;

namespace Orca.Streams.Curricula.Lessons;

/// <summary>Why an answer makes no lesson.</summary>
/// <param name="Name">Name under which it is counted.</param>
/// <param name="Reason">What was found and what was expected, one sentence.</param>
public sealed record LessonFault(string Name, string Reason);

/// <summary>Makes lessons of traces, and rejects those that no sequence of the trainer's holds or that teach nothing.</summary>
/// <param name="encoder">Knows the student's tokens.</param>
/// <param name="maxTokens">Tokens a lesson may have.</param>
/// <param name="teachesReasoning">Whether a teacher's reasoning is taught too, in tags before the answer.</param>
public sealed class LessonMaker(ILessonEncoder encoder, int maxTokens, bool teachesReasoning = false)
{
    /// <summary>Name under which lessons that are too long are counted.</summary>
    public const string TooLong = "lesson-length";

    /// <summary>Name under which answers without a token are counted.</summary>
    public const string Empty = "lesson-empty";

    /// <summary>Lessons that have the answer in the question besides, where it fits; null for none.</summary>
    public ReadingLessons? Reading { get; init; }

    /// <summary>Whether a trace makes a lesson depends on this besides the trace.</summary>
    public string Settings => string.Create(
        CultureInfo.InvariantCulture, $"lesson 2 tokens={maxTokens} encoding={encoder.Identity}{(teachesReasoning ? " reasoning" : "")}");

    /// <summary>The lesson of a trace, or what is wrong with it; exactly one of them.</summary>
    public (Lesson? Lesson, LessonFault? Fault) Make(Trace trace)
    {
        var request = trace.Request;
        var (prompt, answer) = encoder.Encode(request.SystemMessage, request.Query.Prompt, TaughtOf(trace));
        if (answer.Length <= 1)
        {
            return (null, new LessonFault(Empty, "The answer has no token but the stop token."));
        }

        // Of practice: a cut answer has no end to learn.
        answer = request.IsPractice && trace.Finish != TeacherFinish.Stop ? answer[..^1] : answer;
        var hinted = request.Hint is { } hint ? HintedPrompt(request, hint) : [];
        var longest = Math.Max(prompt.Length, hinted.Length) + answer.Length;
        if (longest > maxTokens)
        {
            return (null, new LessonFault(
                TooLong, $"The lesson has {longest} tokens{(hinted.IsEmpty ? "" : " with the hint")}; the trainer's sequence holds "
                    + $"{maxTokens}."));
        }

        if (Reading?.Contains(request) == true
            && HintedPrompt(request, trace.Response) is var read && read.Length + answer.Length <= maxTokens)
        {
            prompt = read;
        }

        return (new Lesson
        {
            RequestId = request.Id,
            Stage = request.Stage,
            Collection = request.Query.Collection,
            Task = request.Query.Task,
            PromptTokens = prompt,
            HintedPromptTokens = hinted,
            AnswerTokens = answer,
        }, null);
    }

    private ImmutableArray<int> HintedPrompt(TeacherRequest request, string explanation) =>
        encoder.Encode(request.SystemMessage, PracticeHint.PromptOf(request.Query.Prompt, explanation), "").Prompt;

    private string TaughtOf(Trace trace) => teachesReasoning && trace.Reasoning.Length > 0
        ? $"<think>\n{trace.Reasoning}\n</think>\n\n{trace.Response}"
        : trace.Response;
}
