using System.Collections.Immutable;
using System.Reactive.Linq;
using System.Reactive.Subjects;
using Orca.Streams.Answers;
using Orca.Streams.Collecting;
using Orca.Streams.Screening;
using Orca.Streams.Storage;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;
using Orca.Streams.Teachers.Budgets;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Collecting;

/// <summary>A judge is asked about answers that a comparison of words leaves undecided.</summary>
public sealed class AnswerJudgeTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("It says the same.\nVerdict: right", TraceState.Accepted)]
    [InlineData("The answer names another town.\n**Verdict: wrong**", TraceState.Rejected)]
    [InlineData("Verdict: right? No. Verdict: Incorrect.", TraceState.Rejected)]
    [InlineData("I cannot tell.", TraceState.Accepted)]
    [InlineData("", TraceState.Accepted)]
    public async Task What_it_says_decides(string reply, TraceState state)
    {
        await CollectAsync(Judge(reply), Essays(1));

        Assert.Equal(state, Assert.Single(Stored()).State);
    }

    [Fact]
    public async Task A_reply_without_a_verdict_is_told_as_such()
    {
        var told = new List<AnswerJudged>();
        await using var run = Run(new FakeTeacher((request, _) => Task.FromResult(
            request.Query.Prompt.Contains("story 0", StringComparison.Ordinal) ? "Urteil: richtig" : "Verdict: right")), Essays(2));
        using var hearing = run.Pipeline.Events.OfType<AnswerJudged>().Subscribe(told.Add);
        run.Start();
        await run.ReadAsync(2);
        await run.PipelineLoop;

        Assert.Equal(
            [AnswerVerdict.Undecided, AnswerVerdict.Right],
            told.OrderBy(judged => judged.Trace.Request.Query.Prompt).Select(judged => judged.Verdict));
    }

    [Fact]
    public async Task It_is_shown_the_question_every_reference_answer_and_the_answer_and_nothing_of_what_it_is_to_say()
    {
        await CollectAsync(
            Judge("Verdict: right"), [Essay("Who came?") with { GoldAnswers = ["the old man came in", "an old man did come"] }]);

        var asked = Assert.Single(Stored(TeacherRequest.JudgeStage)).Request;
        Assert.Equal(
            "Question:\nWho came?\n\nReference answers, any of which is right:\n- the old man came in\n- an old man did come\n\n"
                + "Answer to judge:\nSomebody of great age arrived.",
            asked.Query.Prompt);
        Assert.Empty(asked.Query.GoldAnswers);
    }

    [Fact]
    public async Task It_is_not_asked_where_words_tell_or_another_screen_rejects()
    {
        var judge = Judge("Verdict: right");
        await CollectAsync(
            judge,
            [
                Questions.Of("cot", "sum", "7", AnswerKind.Number), Questions.Of("cot", "wrong sum", "8", AnswerKind.Number),
                Essay("refused"), Essay("no gold") with { GoldAnswers = [] },
            ],
            request => request.Query.Prompt switch
            {
                "refused" => "I'm sorry, but as an AI language model I cannot help with that.",
                "no gold" => "Somebody of great age arrived.",
                _ => "The answer is 7.",
            });

        Assert.Empty(judge.Asked);
    }

    [Fact]
    public async Task It_is_asked_even_where_what_is_undecided_would_be_rejected()
    {
        await CollectAsync(
            Judge("Verdict: right"), Essays(3), screens: ScreenSet.Of(ScreenSet.Names, KeyValuePair.Create("gold-answer", 0.4)));

        Assert.All(Stored(), trace => Assert.Equal(TraceState.Accepted, trace.State));
    }

    [Fact]
    public async Task Its_verdict_is_kept_as_a_score_and_its_reason_is_told()
    {
        await CollectAsync(Judge("Verdict: wrong"), Essays(1));

        using var traces = StoredTraces.Open(folder["traces.db"]);
        var rejected = Assert.Single(traces.Read(new TraceFilter()));
        Assert.Equal([new("judge", 0)], traces.Scores(rejected.Key));
        Assert.Equal(
            ("gold-answer", "The judge finds that the answer is not 'an old man came in'."),
            (rejected.Verdict!.Screen, rejected.Verdict.Reason));
    }

    [Fact]
    public async Task What_it_rejected_stays_rejected_when_it_is_judged_again()
    {
        await CollectAsync(Judge("Verdict: wrong"), Essays(2));

        await using var store = TraceStore.Open(folder["traces.db"]);
        Assert.Equal(new ScreenedAgain(2, 0), await store.ScreenAgainAsync(
            ScreenSet.Of(ScreenSet.Names, KeyValuePair.Create("gold-answer", 0.9)), cancellationToken: Cancelled));
        Assert.Equal(2, store.Counts.RejectedByScreen["gold-answer"]);
    }

    [Fact]
    public async Task Screens_that_are_tuned_while_it_is_asked_are_in_force_when_it_has_answered()
    {
        var (asked, answer) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var run = Run(
            new FakeTeacher(async (_, _) =>
            {
                asked.SetResult();
                await answer.Task;
                return "Verdict: right";
            }),
            Essays(1)).Start();
        await asked.Task;
        await run.Curriculum.SetScreensAsync("s1", new Dictionary<string, double> { ["length"] = 3 }, Cancelled);
        answer.SetResult();
        await run.PipelineLoop;

        Assert.Equal("length", Assert.Single(Stored()).Verdict!.Screen);
    }

    [Fact]
    public async Task An_answer_is_judged_and_paid_for_once_whatever_happens_after()
    {
        var judge = Judge("Verdict: right");
        var run = Run(judge, Essays(40), options => options with { Credits = 4 }, maxBatch: 2).Start();
        await run.ReadAsync(7);
        await run.KillAsync();
        var known = Stored(TeacherRequest.JudgeStage).Where(trace => trace.Answer is not null).Select(trace => trace.Id).ToHashSet();
        Assert.NotEmpty(known);
        judge.Asked.Clear();

        await CollectAsync(judge, Essays(40));

        Assert.Empty(judge.Asked.Intersect(known));
        Assert.Equal((40, 40), (Stored().Count(trace => trace.State == TraceState.Accepted), Stored(TeacherRequest.JudgeStage).Count));
    }

    [Fact]
    public async Task What_it_was_asked_is_listed_under_its_own_stage_and_counts_for_nothing_else()
    {
        await CollectAsync(Judge("Verdict: right"), Essays(5));

        Assert.Equal(5, Stored().Count);
        await using var store = TraceStore.Open(folder["traces.db"]);
        Assert.Equal((5L, 5L), (store.Counts.Accepted, store.Counts.Questions));
    }

    [Fact]
    public async Task Where_its_own_budget_is_spent_the_rest_stays_undecided_and_that_is_told_once()
    {
        var told = new List<PipelineEvent>();
        await using (var run = Run(Spent(BudgetScope.Stage, "judge"), Essays(6)))
        {
            using var hearing = run.Pipeline.Events.Subscribe(told.Add);
            run.Start();
            await run.ReadAsync(6);
            await run.PipelineLoop;
        }

        Assert.All(Stored(), trace => Assert.Equal(TraceState.Accepted, trace.State));
        Assert.Single(told.OfType<BudgetUsedUp>());
    }

    [Fact]
    public async Task Where_the_runs_budget_is_spent_the_question_is_left_to_the_next_run_with_its_answer()
    {
        await CollectAsync(Spent(BudgetScope.Run, ""), Essays(3));
        Assert.All(Stored(), trace => Assert.Equal(TraceState.Answered, trace.State));

        await CollectAsync(Judge("Verdict: right"), Essays(3), _ => throw new InvalidOperationException("it was answered before"));

        Assert.All(Stored(), trace => Assert.Equal(TraceState.Accepted, trace.State));
    }

    [Fact]
    public async Task A_judge_whose_settings_are_wrong_ends_the_run_and_nothing_is_lost()
    {
        var failure = await Assert.ThrowsAsync<TeacherException>(() => CollectAsync(
            new FakeTeacher((_, _) => throw new TeacherException("the key is wrong") { Fault = TeacherFault.Settings }), Essays(3)));

        Assert.Equal("the key is wrong", failure.Message);
        Assert.NotEmpty(Stored());
        Assert.All(Stored(), trace => Assert.True(trace.State is TraceState.Answered or TraceState.Asked));
    }

    [Fact]
    public async Task A_question_that_it_refuses_stays_undecided()
    {
        await CollectAsync(
            new FakeTeacher((_, _) => throw new TeacherException("its content is refused") { Fault = TeacherFault.Request }), Essays(3));

        Assert.All(Stored(), trace => Assert.Equal(TraceState.Accepted, trace.State));
    }

    [Fact]
    public async Task Of_several_answers_it_is_asked_about_the_best_until_one_is_right()
    {
        var judge = new FakeTeacher((request, _) => Task.FromResult(
            request.Query.Prompt.EndsWith("one.", StringComparison.Ordinal) ? "Verdict: right" : "Verdict: wrong"));
        var answers = new[] { "It was this one.", "It was some other, because I say so.", "Well, it was that one." };
        await using (var run = Run(
            judge, Essays(1),
            options => options with { Answers = 3, Best = [new("steps", false)] }, request => answers[request.Sample]).Start())
        {
            await run.ReadAsync(1);
            await run.PipelineLoop;
        }

        Assert.Equal(2, judge.Asked.Count);
        Assert.Equal("It was this one.", Stored().Single(trace => trace.State == TraceState.Accepted).Answer!.Response);
    }

    [Fact]
    public async Task All_of_the_control_arm_are_judged_and_pass()
    {
        await using (var run = Run(Judge("Verdict: wrong"), Essays(3), options => options with { Control = new ControlArm(1) }).Start())
        {
            await run.ReadAsync(3);
            await run.PipelineLoop;
        }

        Assert.All(Stored(), trace =>
        {
            Assert.Equal(TraceState.Accepted, trace.State);
            Assert.Equal(1, trace.Verdict!.Screens.Single(verdict => verdict.Screen == "gold-answer").Value);
        });
    }

    [Fact]
    public void Its_stage_is_no_stage_of_a_curriculum() => Assert.Contains("'judge'", Assert.Throws<TaskFormatException>(() => new TestRun(
        folder.Path, new() { Stages = [new() { Name = "judge", Teacher = "expert" }] }, [ListSource.Of("cot", 3)], Judge(""))).Message);

    private static FakeTeacher Judge(string reply) => new((_, _) => Task.FromResult(reply));

    private static FakeTeacher Spent(BudgetScope scope, string name) => new((_, _) => throw new TeacherException("the budget is spent")
    {
        Fault = TeacherFault.Settings,
        SpentBudget = new Budget(scope, name, 1),
    });

    private static TaskQuery Essay(string prompt) => Questions.Of("cot", prompt, "an old man came in", AnswerKind.FreeText);

    private static ImmutableArray<TaskQuery> Essays(int count) =>
        [.. Enumerable.Range(0, count).Select(number => Essay($"Who came in story {number}?"))];

    private TestRun Run(
        FakeTeacher judge, ImmutableArray<TaskQuery> questions, Func<CollectionOptions, CollectionOptions>? with = null,
        Func<TeacherRequest, string>? answer = null, ScreenSet? screens = null, int maxBatch = 512)
    {
        var options = new CollectionOptions { Judge = judge };
        return new TestRun(
            folder.Path, TestRun.Stages(), [new ListSource("cot", questions)],
            new FakeTeacher((request, _) => Task.FromResult(answer?.Invoke(request) ?? "Somebody of great age arrived.")),
            with?.Invoke(options) ?? options, screens, maxBatch: maxBatch);
    }

    private async Task CollectAsync(
        FakeTeacher judge, ImmutableArray<TaskQuery> questions, Func<TeacherRequest, string>? answer = null, ScreenSet? screens = null)
    {
        await using var run = Run(judge, questions, answer: answer, screens: screens).Start();
        var reading = run.ReadAsync(1_000);
        try
        {
            await run.PipelineLoop;
        }
        catch
        {
            await run.KillAsync();
            throw;
        }

        await reading;
    }

    private List<StoredTrace> Stored(string? stage = null)
    {
        using var traces = StoredTraces.Open(folder["traces.db"]);
        return [.. traces.Read(new TraceFilter { Stage = stage })];
    }
}
