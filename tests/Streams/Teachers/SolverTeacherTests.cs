using Orca.Streams.Answers;
using Orca.Streams.Tasks;
using Orca.Streams.Tasks.Reasoning;
using Orca.Streams.Teachers;

namespace Orca.Streams.Tests.Teachers;

public sealed class SolverTeacherTests
{
    private static readonly ReasoningTasks Tasks = new(5);

    private static TeacherRequest Request(TaskQuery query, string stage = "expert") =>
        new() { Query = query, Stage = stage, SystemMessage = "" };

    private static Task<Trace> Ask(SolverTeacher teacher, TaskQuery query) => teacher.AskAsync(Request(query), CancellationToken.None);

    [Fact]
    public async Task The_expert_explains_and_is_always_right()
    {
        var teacher = new SolverTeacher(SolverStrength.Expert);
        for (var i = 0; i < 600; i++)
        {
            var trace = await Ask(teacher, Tasks.At(i));
            Assert.Equal(Tasks.At(i).Explanation, trace.Response);
            Assert.True(AnswerMatch.IsRight(trace.Response, trace.Request.Query.Expected));
        }
    }

    [Fact]
    public async Task The_assistant_gives_the_answer_alone_and_errs_at_its_rate()
    {
        var teacher = new SolverTeacher(SolverStrength.Assistant, errorRate: 0.05);
        var wrong = 0;
        for (var i = 0; i < 6000; i++)
        {
            var trace = await Ask(teacher, Tasks.At(i));
            Assert.StartsWith("So the answer is ", trace.Response, StringComparison.Ordinal);
            wrong += AnswerMatch.IsRight(trace.Response, trace.Request.Query.Expected) ? 0 : 1;
        }

        Assert.InRange(wrong / 6000.0, 0.04, 0.06);
    }

    [Fact]
    public async Task An_expert_that_errs_keeps_its_steps_and_concludes_wrongly_at_its_rate()
    {
        var (right, errs) = (new SolverTeacher(SolverStrength.Expert), new SolverTeacher(SolverStrength.Expert, errorRate: 0.2));
        var wrong = 0;
        for (var i = 0; i < 3000; i++)
        {
            var (whole, trace) = (await Ask(right, Tasks.At(i)), await Ask(errs, Tasks.At(i)));
            var isRight = AnswerMatch.IsRight(trace.Response, trace.Request.Query.Expected);
            Assert.Equal(isRight, whole.Response == trace.Response);
            Assert.Equal(Steps(whole.Response), Steps(trace.Response));
            wrong += isRight ? 0 : 1;
        }

        Assert.InRange(wrong / 3000.0, 0.18, 0.22);

        static string Steps(string response) => response[..response.LastIndexOf("So the answer is", StringComparison.Ordinal)];
    }

    [Fact]
    public async Task Every_mistake_has_the_form_of_an_answer_and_is_wrong()
    {
        var teacher = new SolverTeacher(SolverStrength.Assistant, errorRate: 1);
        for (var i = 0; i < 3000; i++)
        {
            var trace = await Ask(teacher, Tasks.At(i));
            Assert.False(
                AnswerMatch.IsRight(trace.Response, trace.Request.Query.Expected), $"{trace.Request.Query.Prompt} -> {trace.Response}");
            Assert.NotNull(AnswerExtractor.Extract(trace.Response, trace.Request.Query.AnswerKind));
        }
    }

    [Theory, InlineData(SolverStrength.Assistant, "solver-assistant"), InlineData(SolverStrength.Expert, "solver-expert")]
    public async Task A_request_asked_again_is_answered_alike_and_free_of_charge(SolverStrength strength, string name)
    {
        var (first, second) = (new SolverTeacher(strength, 0.5), new SolverTeacher(strength, 0.5));
        for (var i = 0; i < 100; i++)
        {
            var trace = await Ask(first, Tasks.At(i));
            Assert.Equal(trace.Response, (await Ask(second, Tasks.At(i))).Response);
            Assert.Equal(
                (TeacherFinish.Stop, name, 0, 0, 0m),
                (trace.Finish, trace.Teacher, trace.PromptTokens, trace.CompletionTokens, trace.Cost));
        }
    }

    [Fact]
    public async Task A_question_of_another_collection_is_answered_from_its_gold_answer()
    {
        var query = Tasks.At(0) with
        {
            Collection = "cot",
            GoldAnswers = ["no"],
            Explanation = "Julius had three children.",
            AnswerKind = AnswerKind.Exact,
        };
        Assert.Equal(
            "Julius had three children. So the answer is no.", (await Ask(new SolverTeacher(SolverStrength.Expert), query)).Response);

        var free = query with { AnswerKind = AnswerKind.FreeText, GoldAnswers = ["They sang."], Explanation = null };
        Assert.Equal("They sang.", (await Ask(new SolverTeacher(SolverStrength.Expert), free)).Response);
    }

    [Fact]
    public async Task A_question_without_an_answer_is_refused_with_the_remedy()
    {
        var teacher = new SolverTeacher(SolverStrength.Expert);
        var fault = await Assert.ThrowsAsync<TeacherException>(() => Ask(teacher, Tasks.At(0) with { GoldAnswers = [] }));
        Assert.Contains("'solver-expert'", fault.Message, StringComparison.Ordinal);
        Assert.Contains(Tasks.At(0).Task, fault.Message, StringComparison.Ordinal);
    }

    [Theory, InlineData(-0.1), InlineData(1.1), InlineData(double.NaN)]
    public void An_error_rate_is_a_share(double rate) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SolverTeacher(SolverStrength.Assistant, rate));

    [Theory, InlineData("yes", "no"), InlineData("True", "False"), InlineData("on", "off")]
    public void The_wrong_verdict_is_the_opposite(string gold, string wrong) =>
        Assert.Equal(wrong, WrongAnswer.To("?", gold, new Random(1)));
}
