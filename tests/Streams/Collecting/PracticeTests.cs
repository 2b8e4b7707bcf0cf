using System.Collections.Concurrent;
using System.Collections.Immutable;
using Orca.Streams.Bus;
using Orca.Streams.Collecting;
using Orca.Streams.Curricula;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Curricula.Lessons;
using Orca.Streams.Curricula.Mixtures;
using Orca.Streams.Storage;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Collecting;

/// <summary>
/// In the stage after the expert's the student answers the expert's questions itself, and learns what it would have said with the expert's
/// explanation before it.
/// </summary>
public sealed class PracticeTests : IDisposable
{
    private const string Own = "I guess that it is nine nine nine.";

    private readonly TemporaryFolder folder = new();
    private readonly ConcurrentBag<TeacherRequest> practised = [];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_student_answers_each_explained_question_once_and_the_explanation_is_its_hint()
    {
        await using var run = Run(expert: 20).Start();
        var lessons = await run.ReadAsync(100);

        var (explained, own) = (lessons.Take(20).ToList(), lessons.Skip(20).ToList());
        Assert.All(explained, lesson => Assert.Equal(("expert", false), (lesson.Stage, lesson.IsPractice)));
        Assert.All(own, lesson => Assert.Equal(("practice", true), (lesson.Stage, lesson.IsPractice)));
        Assert.Equal(20, own.Select(lesson => lesson.RequestId).Distinct().Count());
        Assert.Equal(20, practised.Select(request => request.Query.Id).Distinct().Count());
        Assert.All(practised, request => Assert.Equal(Explanation(request), request.Hint));

        var encoder = new WordEncoder();
        foreach (var lesson in own)
        {
            var request = practised.Single(asked => asked.Id == lesson.RequestId);
            var question = request.Query.Prompt;
            Assert.Equal(encoder.Encode(request.SystemMessage, question, Own), (lesson.PromptTokens, lesson.AnswerTokens), Same);
            var hinted = PracticeHint.PromptOf(question, request.Hint!);
            Assert.Equal(encoder.Encode(request.SystemMessage, hinted, Own).Prompt, lesson.HintedPromptTokens);
        }
    }

    [Fact]
    public async Task It_is_asked_only_once_it_has_been_taught_all_that_is_before()
    {
        await using var run = Run(expert: 40).Start();
        await run.ReadAsync(39);
        await Patience.Until(() => run.Store.Counts.AcceptedByStage.GetValueOrDefault("expert") == 40);
        await Task.Delay(100, Cancelled);
        Assert.Empty(practised);

        await run.ReadAsync(2);

        Assert.NotEmpty(practised);
    }

    [Fact]
    public async Task When_it_begins_the_student_is_published_so_that_who_practises_is_who_was_taught()
    {
        await using var run = Run(expert: 20);
        var published = 0;
        using var requests = run.Curriculum.PublishRequests.Subscribe(_ => published++);
        run.Start();
        await run.ReadAsync(20);
        Assert.Equal(0, published);

        await run.ReadAsync(5);

        Assert.Equal(1, published);
    }

    [Fact]
    public async Task No_more_of_its_answers_wait_than_there_are_credits_so_that_they_are_its_own_when_it_learns_from_them()
    {
        var options = new CollectionOptions { Credits = 4 };
        await using var run = Run(expert: 400, capacity: 256, collection: options).Start();
        await run.ReadAsync(401);
        await Task.Delay(300, Cancelled);

        Assert.InRange(practised.Count, 1, 4 + 1);
    }

    [Fact]
    public async Task What_is_wrong_with_its_answers_is_learned_from_and_only_what_makes_no_lesson_is_left_out()
    {
        await using var run = Run(
            expert: 20, answer: request => request.Query.Prompt.EndsWith('7') ? "" : "As an AI model I cannot say. 999 999").Start();
        var lessons = await run.ReadAsync(100);

        Assert.Equal(18, lessons.Count(lesson => lesson.IsPractice));
        Assert.Equal(2, run.Store.Counts.Rejected);
    }

    [Fact]
    public async Task An_answer_that_was_cut_has_no_end_to_learn()
    {
        await using var run = Run(expert: 10, finish: TeacherFinish.Length).Start();
        var own = (await run.ReadAsync(100)).Where(lesson => lesson.IsPractice).ToList();

        Assert.Equal(10, own.Count);
        Assert.All(own, lesson => Assert.Equal(new WordEncoder().Encode("", "", Own).Answer[..^1], lesson.AnswerTokens));
    }

    [Fact]
    public async Task Its_answers_are_never_taught_again()
    {
        await using var run = Run(expert: 30, maxReuses: 5).Start();
        var own = (await run.ReadAsync(1_000)).Where(lesson => lesson.IsPractice).ToList();

        Assert.Equal(own.Count, own.Select(lesson => lesson.RequestId).Distinct().Count());
        Assert.All(own, lesson => Assert.False(lesson.IsRepeated));
    }

    [Fact]
    public async Task Between_its_answers_lessons_of_the_stage_before_are_taught_again_after_a_kill_too()
    {
        var first = Run(expert: 30, replay: 2).Start();
        var lessons = await first.ReadAsync(60);
        var snapshot = first.Curriculum.Snapshot();
        lessons.AddRange(await first.ReadAsync(20));
        await first.KillAsync();
        await using var second = Run(expert: 30, replay: 2, snapshot: snapshot).Start();
        var again = await second.ReadAsync(1_000);

        Assert.Equal(lessons.Skip(60).Select(lesson => lesson.RequestId), again.Take(20).Select(lesson => lesson.RequestId));
        var practice = lessons.Skip(30).Take(30).Concat(again).ToList();
        Assert.Equal(30, practice.Count(lesson => lesson.IsPractice));
        Assert.Equal(60, practice.Count(lesson => lesson is { IsPractice: false, IsRepeated: true, Stage: "expert" }));
        Assert.True(practice.Where(lesson => !lesson.IsPractice).Select(lesson => lesson.RequestId).Distinct().Count() > 15);
    }

    [Fact]
    public async Task After_it_went_back_to_a_checkpoint_it_is_not_taught_what_it_said_since()
    {
        await using var run = Run(expert: 30).Start();
        await run.ReadAsync(35);
        var checkpoint = run.Curriculum.Snapshot();
        await run.ReadAsync(10);
        var stale = Places(run).ToHashSet();

        Assert.True(((ITrainerLink)run.Curriculum).RolledBack(new RollBackOrder(1, "step"), checkpoint));
        var after = await run.ReadAsync(100);

        Assert.All(after, lesson => Assert.True(lesson.IsPractice));
        Assert.Empty(after.Select(lesson => lesson.RequestId).Intersect(stale));
    }

    [Fact]
    public async Task Nor_where_it_went_back_to_the_stage_before()
    {
        await using var run = Run(expert: 30, collection: new CollectionOptions { Credits = 4 }).Start();
        await run.ReadAsync(20);
        var checkpoint = run.Curriculum.Snapshot();
        await run.ReadAsync(20);
        await Patience.Until(() => run.Store.Counts.AcceptedByStage.GetValueOrDefault("practice") >= 10);
        var stale = Places(run).ToHashSet();

        Assert.True(((ITrainerLink)run.Curriculum).RolledBack(new RollBackOrder(1, "step"), checkpoint));
        var after = await run.ReadAsync(100);

        Assert.Equal(10, after.Count(lesson => !lesson.IsPractice));
        Assert.Empty(after.Select(lesson => lesson.RequestId).Intersect(stale));
    }

    [Fact]
    public async Task Without_it_a_run_that_stood_in_it_goes_on_and_teaches_what_is_new()
    {
        byte[] checkpoint;
        await using (var first = Run(expert: 30).Start())
        {
            await first.ReadAsync(35);
            checkpoint = first.Curriculum.Snapshot();
        }

        await using var second = Run(expert: 30, snapshot: checkpoint, isOn: false).Start();

        Assert.Equal("expert", second.Curriculum.Status.Stage);
        Assert.Empty(await second.ReadAsync(10));
    }

    [Fact]
    public async Task A_pace_by_loss_holds_nothing_back_of_it()
    {
        await using var run = Run(
            expert: 200, pacing: new LessonPacing(NextAtLoss: 0.001),
            source: new ReasoningTasks(3, ["navigate"]),
            answer: _ => Own, collection: new CollectionOptions { Goal = new CollectionGoal { Candidates = 120 } }).Start();
        var own = (await run.ReadAsync(400)).Where(lesson => lesson.IsPractice).ToList();

        var hard = own.FindIndex(lesson => lesson.Difficulty > 1);
        Assert.InRange(hard, 0, 20);
    }

    [Fact]
    public async Task A_goal_of_what_teachers_answer_is_no_goal_of_practice()
    {
        await using var run = Run(
            expert: 1_000, maxReuses: 0, collection: new CollectionOptions { Goal = new CollectionGoal { Candidates = 25 } }).Start();
        var lessons = await run.ReadAsync(200);

        Assert.Equal((25, 25), (lessons.Count(lesson => !lesson.IsPractice), lessons.Count(lesson => lesson.IsPractice)));
        await run.PipelineLoop;
    }

    [Fact]
    public async Task A_command_can_begin_it_sooner()
    {
        await using var run = Run(expert: 200).Start();
        await run.ReadAsync(10);
        await run.Curriculum.ApplyAsync("s", new StageCommand("practice"), Cancelled);

        Assert.All(await run.ReadAsync(10), lesson => Assert.True(lesson.IsPractice));
    }

    [Fact]
    public async Task After_a_kill_it_goes_on_with_the_same_lessons_and_answers_nothing_twice()
    {
        var first = Run(expert: 30).Start();
        await first.ReadAsync(35);
        var snapshot = first.Curriculum.Snapshot();
        var expected = (await first.ReadAsync(10)).Select(lesson => lesson.RequestId).ToList();
        await first.KillAsync();
        await using var second = Run(expert: 30, snapshot: snapshot);
        var answered = practised.Select(request => request.Id).Where(id => second.Store.Find(id)?.Answer is not null).ToList();
        practised.Clear();
        second.Start();
        var lessons = await second.ReadAsync(100);

        Assert.Equal(expected, lessons.Take(10).Select(lesson => lesson.RequestId));
        Assert.Equal(25, lessons.Select(lesson => lesson.RequestId).Distinct().Count());
        Assert.All(lessons, lesson => Assert.False(lesson.HintedPromptTokens.IsEmpty));
        Assert.True(answered.Count >= 15);
        Assert.Empty(practised.Select(request => request.Id).Intersect(answered));
    }

    [Fact]
    public async Task Whoever_looks_at_what_teachers_answered_does_not_see_it_unless_it_is_named()
    {
        await using (var run = Run(expert: 10).Start())
        {
            await run.ReadAsync(100);
        }

        using var traces = StoredTraces.Open(Path.Combine(folder.Path, "traces.db"));
        Assert.All(traces.Read(new TraceFilter()), trace => Assert.Equal("expert", trace.Request.Stage));
        var own = traces.Read(new TraceFilter { Stage = "practice" }).ToList();
        Assert.Equal(10, own.Count);
        Assert.All(own, trace => Assert.Equal((Own, Explanation(trace.Request)), (trace.Answer!.Response, trace.Request.Hint)));
    }

    [Fact]
    public async Task What_was_explained_before_it_counts_as_taught_while_the_student_practises()
    {
        byte[] checkpoint;
        await using (var run = Run(expert: 10).Start())
        {
            await run.ReadAsync(15);
            checkpoint = run.Curriculum.Snapshot();
        }

        using var traces = StoredTraces.Open(Path.Combine(folder.Path, "traces.db"));
        Assert.Equal(10, TaughtTraces.Of(traces, checkpoint, ["assistant", "expert", "practice"]).Count());
    }

    [Fact]
    public async Task Before_it_a_share_of_the_lessons_has_the_explanation_in_the_question()
    {
        await using var run = Run(expert: 300, readingShare: 0.5).Start();
        var lessons = (await run.ReadAsync(300)).ToList();

        var asked = new WordEncoder().Encode("", "Now answer the question in your own words.", "").Prompt[1..];
        var reading = lessons.Count(lesson => lesson.PromptTokens.AsSpan().EndsWith(asked.AsSpan()));
        Assert.InRange(reading, 110, 190);
    }

    [Fact]
    public void It_is_no_first_stage()
    {
        var options = TestRun.Stages();
        var alone = options with { Stages = [new CurriculumStage { Name = "practice", Teacher = "practice" }] };

        Assert.Contains("whose answers the student practises with", Assert.Single(alone.Faults()));
    }

    private static IEnumerable<string> Places(TestRun run) =>
        run.Store.Accepted("practice", 0, 1_000).Select(accepted => accepted.Trace.Request.Id);

    private static bool Same(
        (ImmutableArray<int> Prompt, ImmutableArray<int> Answer) left, (ImmutableArray<int> Prompt, ImmutableArray<int> Answer) right) =>
        left.Prompt.SequenceEqual(right.Prompt) && left.Answer.SequenceEqual(right.Answer);

    private static string Explanation(TeacherRequest request) => $"Look at the end of it. The answer is {request.Query.GoldAnswers[0]}.";

    private TestRun Run(
        long expert, int capacity = 8, int maxReuses = 0, double readingShare = 0, double replay = 0,
        Func<TeacherRequest, string>? answer = null, TeacherFinish finish = TeacherFinish.Stop, CollectionOptions? collection = null,
        byte[]? snapshot = null, bool isOn = true, LessonPacing? pacing = null, ITaskSource? source = null)
    {
        var options = TestRun.Stages(expert: expert, maxReuses: maxReuses, capacity: capacity) with
        {
            ReadingShare = readingShare,
            PracticeReplay = replay,
            Pacing = pacing ?? LessonPacing.None,
        };
        options = isOn
            ? options with { Stages = options.Stages.Add(new CurriculumStage { Name = "practice", Teacher = "practice" }) }
            : options;
        return new TestRun(
            folder.Path, options, [source ?? ListSource.Of("cot", 500)], new Both(request =>
            {
                if (!request.IsPractice)
                {
                    return (Explanation(request), TeacherFinish.Stop);
                }

                practised.Add(request);
                return (answer?.Invoke(request) ?? Own, finish);
            }),
            collection, snapshot: snapshot);
    }

    // Expert and student in one.
    private sealed class Both(Func<TeacherRequest, (string Answer, TeacherFinish Finish)> answer) : ITeacher
    {
        public string Name => "both";

        public Task<Trace> AskAsync(TeacherRequest request, CancellationToken cancellationToken)
        {
            var (text, finish) = answer(request);
            return Task.FromResult(new Trace { Request = request, Response = text, Finish = finish, Teacher = Name });
        }
    }
}
