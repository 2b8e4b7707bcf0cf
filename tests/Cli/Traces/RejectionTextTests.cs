using System.Text.Json.Nodes;
using Orca.Cli.Traces;
using Orca.Streams.Answers;
using Orca.Streams.Screening;
using Orca.Streams.Storage;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;

namespace Orca.Cli.Tests.Traces;

public sealed class RejectionTextTests
{
    private static readonly ScreenRejections Some = new("gold-answer", 12);

    [Fact]
    public void An_example_is_shown_with_reason_measurement_question_and_answer_each_in_a_line()
    {
        var trace = Rejected("What is\n3 + 4?", "Let me see.\r\n\r\nThe answer is 8.");
        Assert.Equal(
            """
            gold-answer  12 rejected
              0123456789ab  cot/sums
                reason    measured 1: The answer is not '7'.
                question  What is 3 + 4?
                answer    Let me see.  The answer is 8.

            """,
            RejectionText.Shown(Some, [trace]).ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Texts_are_cut_and_harmless()
    {
        var shown = RejectionText.Shown(Some, [Rejected(new string('q', 1_000_000), "\e[2J\a\0\u0085\ud800" + new string('\n', 500))]);
        Assert.Contains($"question  {new string('q', 99)}…\n", shown.ReplaceLineEndings("\n"));
        Assert.DoesNotContain(shown, character => char.IsControl(character) && character is not ('\n' or '\r'));
        Assert.Equal(5, shown.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public void A_trace_of_an_earlier_version_that_says_little_is_shown()
    {
        var trace = Rejected("q", "a");
        trace = trace with { Answer = null, Verdict = trace.Verdict! with { Reason = null, Screens = [], Settings = null } };
        Assert.Contains("    reason    \n    question  q\n    answer    \n", RejectionText.Shown(Some, [trace]).ReplaceLineEndings("\n"));
        Assert.Null(JsonNode.Parse(RejectionText.Json(Some, [trace]))!["measured"]);
    }

    [Fact]
    public void For_a_program_each_example_is_an_object_in_a_line_with_whole_texts()
    {
        var question = new string('q', 500) + "\n\e\u2028 – 🐋";
        var lines = RejectionText.Json(Some, [Rejected(question, "8"), Rejected("q", "8", double.NaN)])
            .Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.DoesNotContain(lines[0], char.IsControl);
        var row = JsonNode.Parse(lines[0])!.AsObject();
        Assert.Equal(
            ["screen", "rejected", "id", "stage", "collection", "task", "reason", "measured", "settings", "question", "answer"],
            row.Select(field => field.Key));
        Assert.Equal(question, (string?)row["question"]);
        Assert.Equal((12L, 1d, "gold-answer 1"), ((long)row["rejected"]!, (double)row["measured"]!, (string?)row["settings"]));
        Assert.Equal("NaN", (string?)JsonNode.Parse(lines[1])!["measured"]);
    }

    private static StoredTrace Rejected(string question, string answer, double measured = 1)
    {
        var request = new TeacherRequest
        {
            Stage = "expert",
            SystemMessage = "Explain.",
            Query = new TaskQuery
            {
                Id = "q1",
                Collection = "cot",
                Task = "sums",
                Prompt = question,
                GoldAnswers = ["7"],
                AnswerKind = AnswerKind.Exact,
            },
        };
        return new StoredTrace
        {
            Key = 1,
            Id = "0123456789abcdef",
            State = TraceState.Rejected,
            Request = request,
            TimesAsked = 1,
            AskedAt = DateTimeOffset.UnixEpoch,
            Answer = new Trace { Request = request, Response = answer, Finish = TeacherFinish.Stop, Teacher = "gpt" },
            Verdict = new StoredVerdict
            {
                Outcome = TraceOutcome.Rejected,
                Screen = "gold-answer",
                Settings = "gold-answer 1",
                Reason = "The answer is not '7'.",
                JudgedAt = DateTimeOffset.UnixEpoch,
                Screens =
                [
                    new ScreenVerdict("finish", true, 0, null),
                    new ScreenVerdict("gold-answer", false, measured, "The answer is not '7'."),
                ],
            },
        };
    }
}
