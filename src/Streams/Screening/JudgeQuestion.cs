using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Orca.Streams.Answers;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;

namespace Orca.Streams.Screening;

/// <summary>
/// What a judge is asked where a comparison of words cannot tell whether an answer is right, and what its reply says.
/// </summary>
public static partial class JudgeQuestion
{
    private const string SystemMessage =
        "You compare an answer to a question with a reference answer, which is right. Say in one sentence what the answer comes to and "
            + "whether the reference answer says the same. Other words, more detail and another form are no difference. Then end with a "
            + "line that reads 'Verdict: right' or 'Verdict: wrong'.";

    /// <summary>Whether a judge can tell more than the words of an answer do.</summary>
    public static bool Concerns(Trace trace) => !trace.Request.IsPractice && !trace.Request.Query.GoldAnswers.IsEmpty
        && AnswerMatch.Judge(trace.Response, trace.Request.Query.Expected) == AnswerVerdict.Undecided;

    /// <summary>The request that asks about an answer; the same answer makes the same request.</summary>
    public static TeacherRequest About(Trace trace)
    {
        var query = trace.Request.Query;
        var references = query.GoldAnswers.Length == 1
            ? $"Reference answer:\n{query.GoldAnswers[0]}"
            : $"Reference answers, any of which is right:\n{string.Join('\n', query.GoldAnswers.Select(gold => $"- {gold}"))}";
        var prompt = $"Question:\n{query.Prompt}\n\n{references}\n\nAnswer to judge:\n{trace.Response}";
        return new TeacherRequest
        {
            Query = new TaskQuery
            {
                Id = TaskQuery.IdOf(TeacherRequest.JudgeStage, trace.Request.Id, prompt, null),
                Collection = query.Collection,
                Task = query.Task,
                Prompt = prompt,
            },
            SystemMessage = SystemMessage,
            Stage = TeacherRequest.JudgeStage,
        };
    }

    /// <summary>What a judge's reply says: the last verdict in it, undecided where there is none.</summary>
    public static AnswerVerdict VerdictIn(string reply)
    {
        var told = Verdict().Matches(reply).LastOrDefault()?.Groups["v"].Value.ToLowerInvariant();
        return told switch
        {
            "right" or "correct" => AnswerVerdict.Right,
            "wrong" or "incorrect" => AnswerVerdict.Wrong,
            _ => AnswerVerdict.Undecided,
        };
    }

    [GeneratedRegex(@"verdict\W{1,12}(?:is\W{1,4})?(?<v>right|correct|wrong|incorrect)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Verdict();
}
