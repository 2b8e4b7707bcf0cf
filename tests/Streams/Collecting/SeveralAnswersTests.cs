using System.Collections.Immutable;
using Orca.Streams.Answers;
using Orca.Streams.Collecting;
using Orca.Streams.Scoring;
using Orca.Streams.Screening;
using Orca.Streams.Storage;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Collecting;

/// <summary>Each question is asked for several answers, of which the best is kept.</summary>
public sealed class SeveralAnswersTests : IDisposable
{
    private static readonly CollectionOptions Three = new() { Answers = 3 };

    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_answer_that_most_agree_with_is_kept_and_of_these_the_one_that_explains_most()
    {
        await CollectAsync(
            Three, WithoutGold(5), Saying("The answer is 41.", "The answer is 42.", "So it is, because I count. The answer is 42."));

        Assert.Equal([2, 2, 2, 2, 2], Stored(TraceState.Accepted).Select(trace => trace.Request.Sample));
        var rejected = Stored(TraceState.Rejected);
        Assert.Equal(10, rejected.Count);
        Assert.All(rejected, trace => Assert.Equal(NotBest.Name, trace.Verdict!.Screen));
        Assert.Equal(
            "Another answer to the question is kept: agreement 0 against 0.5, steps 0 against 1.",
            rejected.First(trace => trace.Request.Sample == 0).Verdict!.Reason);
    }

    [Fact]
    public async Task All_answers_to_a_question_are_scored()
    {
        await CollectAsync(Three, WithoutGold(1), Saying("The answer is 41.", "The answer is 42.", "The answer is 42."));

        using var traces = StoredTraces.Open(folder["traces.db"]);
        Assert.Equal(
            [0, 0.5, 0.5],
            traces.Read(new TraceFilter()).OrderBy(trace => trace.Request.Sample)
                .Select(trace => traces.Scores(trace.Key).First(score => score.Name == "agreement").Value));
    }

    [Fact]
    public async Task Where_the_most_agree_on_something_wrong_the_right_one_is_kept()
    {
        await CollectAsync(
            Three, [Questions.Of("cot", "q", "7", AnswerKind.Number)], Saying("The answer is 8.", "The answer is 7.", "The answer is 8."));

        Assert.Equal("The answer is 7.", Assert.Single(Stored(TraceState.Accepted)).Answer!.Response);
        Assert.Equal(["gold-answer", "gold-answer"], Stored(TraceState.Rejected).Select(trace => trace.Verdict!.Screen));
    }

    [Theory]
    [InlineData("-words", "The answer is 42.")]
    [InlineData("words", "I think that the answer is 42.")]
    public async Task What_is_better_can_be_said_by_any_score_either_way(string preference, string kept)
    {
        await CollectAsync(
            Three with { Best = [Preference.Of(preference)] }, WithoutGold(1),
            Saying("Well, the answer is 42.", "I think that the answer is 42.", "The answer is 42."));

        Assert.Equal(kept, Assert.Single(Stored(TraceState.Accepted)).Answer!.Response);
    }

    [Fact]
    public async Task An_answer_that_can_never_be_had_leaves_the_others()
    {
        await CollectAsync(Three, WithoutGold(4), new FakeTeacher((request, _) => request.Sample == 1
            ? throw new TeacherException("it is refused for its content") { Fault = TeacherFault.Request }
            : Task.FromResult("The answer is 42.")));

        Assert.Equal((4, 4, 4), (Count(TraceState.Accepted), Count(TraceState.Rejected), Count(TraceState.Failed)));
    }

    [Fact]
    public async Task Where_one_answer_is_left_to_the_next_run_only_that_one_is_asked_for_there()
    {
        var isFirst = true;
        var teacher = new FakeTeacher((request, _) => request.Sample == 1 && isFirst
            ? throw new TeacherException("nobody knows whose fault it is") { Fault = TeacherFault.Unclear }
            : Task.FromResult("The answer is 42."));
        await CollectAsync(Three, WithoutGold(4), teacher);
        Assert.Equal((0, 8), (Count(TraceState.Accepted), Count(TraceState.Answered)));

        isFirst = false;
        teacher.Asked.Clear();
        await CollectAsync(Three, WithoutGold(4), teacher);

        Assert.Equal(4, teacher.Asked.Count);
        Assert.Equal((4, 8), (Count(TraceState.Accepted), Count(TraceState.Rejected)));
    }

    [Fact]
    public async Task Killed_again_and_again_it_keeps_one_answer_to_each_question()
    {
        var (answered, killAt) = (0, 0);
        for (var start = 0; start < 12; start++)
        {
            var due = new TaskCompletionSource();
            killAt += 17;
            var teacher = new FakeTeacher(async (request, cancellationToken) =>
            {
                await Task.Yield();
                if (Interlocked.Increment(ref answered) >= killAt)
                {
                    due.TrySetResult();
                }

                return $"The answer is {(request.Sample == 0 ? 1 : 2)}.";
            });
            var run = new TestRun(
                folder.Path, TestRun.Stages(), [new ListSource("cot", WithoutGold(60))], teacher, Three with { Credits = 8 },
                maxBatch: 4).Start();
            _ = run.ReadAsync(1_000);
            await Task.WhenAny(due.Task, run.PipelineLoop);
            await run.KillAsync();
        }

        await CollectAsync(Three, WithoutGold(60), Saying("The answer is 1.", "The answer is 2.", "The answer is 2."));

        var stored = Stored(null);
        Assert.Equal(180, stored.Count);
        Assert.Equal((60, 120), (Count(TraceState.Accepted), Count(TraceState.Rejected)));
        Assert.All(stored.GroupBy(trace => trace.Request.First.Id), question =>
            Assert.Single(question, trace => trace.State == TraceState.Accepted));
    }

    [Fact]
    public async Task Answers_that_are_stored_are_not_asked_for_again_after_a_kill()
    {
        var run = new TestRun(
            folder.Path, TestRun.Stages(), [new ListSource("cot", WithoutGold(30))],
            Saying("The answer is 1.", "The answer is 2.", "The answer is 2."),
            Three with { Credits = 8 }, maxBatch: 4).Start();
        await run.ReadAsync(9);
        await run.KillAsync();
        var known = Stored(null).Where(trace => trace.Answer is not null).Select(trace => trace.Id).ToHashSet();
        Assert.NotEmpty(known);

        var teacher = Saying("The answer is 1.", "The answer is 2.", "The answer is 2.");
        await CollectAsync(Three, WithoutGold(30), teacher);

        Assert.Empty(teacher.Asked.Intersect(known));
        Assert.Equal((30, 60), (Count(TraceState.Accepted), Count(TraceState.Rejected)));
    }

    [Fact]
    public async Task Answers_that_were_paid_for_are_judged_where_fewer_are_asked_for_later()
    {
        var isFirst = true;
        var teacher = new FakeTeacher((request, _) => request.Sample == 0 && isFirst
            ? throw new TeacherException("nobody knows whose fault it is") { Fault = TeacherFault.Unclear }
            : Task.FromResult("The answer is 42."));
        await CollectAsync(Three, WithoutGold(2), teacher);

        isFirst = false;
        await CollectAsync(new CollectionOptions(), WithoutGold(2), teacher);

        Assert.Equal((2, 4), (Count(TraceState.Accepted), Count(TraceState.Rejected)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Answers_that_were_paid_for_are_judged_whichever_of_the_answers_was_not_had(int missing)
    {
        var isFirst = true;
        var teacher = new FakeTeacher((request, _) => request.Sample == missing && isFirst
            ? throw new TeacherException("nobody knows whose fault it is") { Fault = TeacherFault.Unclear }
            : Task.FromResult("The answer is 42."));
        await CollectAsync(Three, WithoutGold(2), teacher);
        isFirst = false;
        await CollectAsync(new CollectionOptions(), WithoutGold(2), teacher);

        Assert.Equal((2, 0), (Count(TraceState.Accepted), Count(TraceState.Answered)));
    }

    [Fact]
    public async Task A_question_that_was_left_open_with_several_answers_is_left_open_once()
    {
        await CollectAsync(Three, WithoutGold(2), new FakeTeacher((_, _) =>
            throw new TeacherException("nobody knows whose fault it is") { Fault = TeacherFault.Unclear }));

        await using var store = TraceStore.Open(folder["traces.db"]);
        Assert.Equal([0, 0], store.LeftOpen("expert").Select(request => request.Sample));
    }

    [Fact]
    public async Task A_goal_of_candidates_counts_questions()
    {
        await CollectAsync(
            Three with { Goal = new CollectionGoal { Candidates = 7 } }, WithoutGold(20),
            Saying("The answer is 1.", "The answer is 2.", "The answer is 2."));

        Assert.Equal(21, Stored(null).Count);
        await using var store = TraceStore.Open(folder["traces.db"]);
        Assert.Equal((7L, 21L, 7L), (store.Counts.Questions, store.Counts.Settled, store.Counts.Accepted));
    }

    [Fact]
    public async Task Every_question_leaves_what_is_in_flight_once()
    {
        await using var run = new TestRun(
            folder.Path, TestRun.Stages(), [new ListSource("cot", WithoutGold(9))],
            Saying("The answer is 1.", "The answer is 2.", " "), Three).Start();
        await run.ReadAsync(9);
        await run.PipelineLoop;

        var statistics = run.Statistics;
        Assert.Equal((9, 0, 9, 18), (statistics.Queries, statistics.InFlight, statistics.Kept, statistics.Rejected));
    }

    [Fact]
    public async Task Of_the_control_arm_the_first_answer_passes_whatever_it_is()
    {
        await CollectAsync(
            Three with { Control = new ControlArm(1) }, [Questions.Of("cot", "q", "7", AnswerKind.Number)],
            Saying("The answer is 8.", "The answer is 7.", "The answer is 7."));

        var kept = Assert.Single(Stored(TraceState.Accepted));
        Assert.Equal(("The answer is 8.", ScreenedTrace.ControlArm), (kept.Answer!.Response, kept.Verdict!.Arm));
        Assert.Equal(
            Enumerable.Repeat("The first answer to the question is kept, whichever is the best, since it is of the control arm.", 2),
            Stored(TraceState.Rejected).Select(trace => trace.Verdict!.Reason));
    }

    [Fact]
    public async Task A_screen_that_is_switched_off_later_brings_no_second_answer_to_a_question()
    {
        await CollectAsync(
            Three, [Questions.Of("cot", "q", "7", AnswerKind.Number), Questions.Of("cot", "r", "7", AnswerKind.Number)],
            new FakeTeacher((request, _) => Task.FromResult(
                request.Query.Prompt == "q" && request.Sample == 1 ? "The answer is 7." : "The answer is 8.")));
        Assert.Equal((1, 5), (Count(TraceState.Accepted), Count(TraceState.Rejected)));

        await using (var store = TraceStore.Open(folder["traces.db"]))
        {
            Assert.Equal(new ScreenedAgain(5, 1), await store.ScreenAgainAsync(ScreenSet.Of([]), cancellationToken: Cancelled));
            Assert.Equal(new ScreenedAgain(0, 0), await store.ScreenAgainAsync(ScreenSet.Of([]), cancellationToken: Cancelled));
        }

        Assert.Equal(["q", "r"], Stored(TraceState.Accepted).Select(trace => trace.Request.Query.Prompt).Order());
    }

    [Fact]
    public async Task What_cannot_be_accepted_any_more_is_remembered_by_no_screen_and_keeps_its_reason()
    {
        await CollectAsync(
            Three with { Answers = 4 }, [Questions.Of("cot", "q", "7", AnswerKind.Number)],
            Saying("The answer is 8.", "The answer is 8.", "The answer is 7.", "The answer is 7."));
        var screen = new RememberingScreen();

        await using (var store = TraceStore.Open(folder["traces.db"]))
        {
            await store.ScreenAgainAsync(ScreenSet.Of([]).With(screen), everyRejection: true, Cancelled);
        }

        Assert.Empty(screen.Measured);
        Assert.Equal(
            [
                "Another answer to the question was accepted before.", "Another answer to the question was accepted before.",
                "An answer no worse than it is kept.",
            ],
            Stored(TraceState.Rejected).Select(trace => trace.Verdict!.Reason));
    }

    [Fact]
    public void A_teacher_that_answers_the_same_each_time_is_asked_once() => Assert.Equal(
        "Answers is 3, but the teacher 'expert' answers a question the same each time; give 1.",
        Assert.Throws<TaskFormatException>(() => new TestRun(
            folder.Path, TestRun.Stages(), [ListSource.Of("cot", 3)], new RecordedTeacher(), Three)).Message);

    private sealed class RememberingScreen : IScreen
    {
        public List<Trace> Measured { get; } = [];

        public string Name => "remembering";

        public string Settings => "";

        public double DefaultLimit => 0;

        public bool Remembers => true;

        public Measurement Measure(Trace trace)
        {
            Measured.Add(trace);
            return Measurement.None;
        }
    }

    private static ImmutableArray<TaskQuery> WithoutGold(int count) =>
    [
        .. Enumerable.Range(0, count).Select(number =>
            Questions.Of("cot", $"How many, of {number}?", "", AnswerKind.Number) with { GoldAnswers = [] }),
    ];

    // The first answer to a question, the second …
    private static FakeTeacher Saying(params string[] answers) =>
        new((request, _) => Task.FromResult(answers[request.Sample]));

    private async Task CollectAsync(CollectionOptions options, ImmutableArray<TaskQuery> questions, FakeTeacher teacher)
    {
        await using var run = new TestRun(folder.Path, TestRun.Stages(), [new ListSource("cot", questions)], teacher, options).Start();
        await run.ReadAsync(1_000);
        await run.PipelineLoop;
    }

    private int Count(TraceState state) => Stored(state).Count;

    private List<StoredTrace> Stored(TraceState? state)
    {
        using var traces = StoredTraces.Open(folder["traces.db"]);
        return [.. traces.Read(new TraceFilter { State = state })];
    }
}
