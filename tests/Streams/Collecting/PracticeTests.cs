using System.Collections.Immutable;
using Orca.Streams.Bus;
using Orca.Streams.Collecting;
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
    private readonly PracticeRuns runs = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => runs.Dispose();

    [Fact]
    public async Task The_student_answers_each_explained_question_once_and_the_explanation_is_its_hint()
    {
        await using var run = runs.Run(expert: 20).Start();
        var lessons = await run.ReadAsync(100);

        var (explained, own) = (lessons.Take(20).ToList(), lessons.Skip(20).ToList());
        Assert.All(explained, lesson => Assert.Equal(("expert", false), (lesson.Stage, lesson.IsPractice)));
        Assert.All(own, lesson => Assert.Equal(("practice", true), (lesson.Stage, lesson.IsPractice)));
        Assert.Equal(20, own.Select(lesson => lesson.RequestId).Distinct().Count());
        Assert.Equal(20, runs.Practised.Select(request => request.Query.Id).Distinct().Count());
        Assert.All(runs.Practised, request => Assert.Equal(PracticeRuns.Explanation(request), request.Hint));

        var encoder = new WordEncoder();
        foreach (var lesson in own)
        {
            var request = runs.Practised.Single(asked => asked.Id == lesson.RequestId);
            var question = request.Query.Prompt;
            var plain = encoder.Encode(request.SystemMessage, question, PracticeRuns.Own);
            Assert.Equal(plain, (lesson.PromptTokens, lesson.AnswerTokens), Same);
            var hinted = PracticeHint.PromptOf(question, request.Hint!);
            Assert.Equal(encoder.Encode(request.SystemMessage, hinted, PracticeRuns.Own).Prompt, lesson.HintedPromptTokens);
        }
    }

    [Fact]
    public async Task It_is_asked_only_once_it_has_been_taught_all_that_is_before()
    {
        await using var run = runs.Run(expert: 40).Start();
        await run.ReadAsync(39);
        await Patience.Until(() => run.Store.Counts.AcceptedByStage.GetValueOrDefault("expert") == 40);
        await Task.Delay(100, Cancelled);
        Assert.Empty(runs.Practised);

        await run.ReadAsync(2);

        Assert.NotEmpty(runs.Practised);
    }

    [Fact]
    public async Task When_it_begins_the_student_is_published_so_that_who_practises_is_who_was_taught()
    {
        await using var run = runs.Run(expert: 20);
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
        await using var run = runs.Run(expert: 400, capacity: 256, collection: options).Start();
        await run.ReadAsync(401);
        await Task.Delay(300, Cancelled);

        Assert.InRange(runs.Practised.Count, 1, 4 + 1);
    }

    [Fact]
    public async Task What_is_wrong_with_its_answers_is_learned_from_and_only_what_makes_no_lesson_is_left_out()
    {
        await using var run = runs.Run(
            expert: 20, answer: request => request.Query.Prompt.EndsWith('7') ? "" : "As an AI model I cannot say. 999 999").Start();
        var lessons = await run.ReadAsync(100);

        Assert.Equal(18, lessons.Count(lesson => lesson.IsPractice));
        Assert.Equal(2, run.Store.Counts.Rejected);
    }

    [Fact]
    public async Task An_answer_that_was_cut_has_no_end_to_learn()
    {
        await using var run = runs.Run(expert: 10, finish: TeacherFinish.Length).Start();
        var own = (await run.ReadAsync(100)).Where(lesson => lesson.IsPractice).ToList();

        Assert.Equal(10, own.Count);
        Assert.All(own, lesson => Assert.Equal(new WordEncoder().Encode("", "", PracticeRuns.Own).Answer[..^1], lesson.AnswerTokens));
    }

    [Fact]
    public async Task Its_answers_are_never_taught_again()
    {
        await using var run = runs.Run(expert: 30, maxReuses: 5).Start();
        var own = (await run.ReadAsync(1_000)).Where(lesson => lesson.IsPractice).ToList();

        Assert.Equal(own.Count, own.Select(lesson => lesson.RequestId).Distinct().Count());
        Assert.All(own, lesson => Assert.False(lesson.IsRepeated));
    }

    [Fact]
    public async Task A_pace_by_loss_holds_nothing_back_of_it()
    {
        await using var run = runs.Run(
            expert: 200, pacing: new LessonPacing(NextAtLoss: 0.001),
            source: new ReasoningTasks(3, ["navigate"]),
            answer: _ => PracticeRuns.Own, collection: new CollectionOptions { Goal = new CollectionGoal { Candidates = 120 } }).Start();
        var own = (await run.ReadAsync(400)).Where(lesson => lesson.IsPractice).ToList();

        var hard = own.FindIndex(lesson => lesson.Difficulty > 1);
        Assert.InRange(hard, 0, 20);
    }

    [Fact]
    public async Task A_goal_of_what_teachers_answer_is_no_goal_of_practice()
    {
        await using var run = runs.Run(
            expert: 1_000, maxReuses: 0, collection: new CollectionOptions { Goal = new CollectionGoal { Candidates = 25 } }).Start();
        var lessons = await run.ReadAsync(200);

        Assert.Equal((25, 25), (lessons.Count(lesson => !lesson.IsPractice), lessons.Count(lesson => lesson.IsPractice)));
        await run.PipelineLoop;
    }

    [Fact]
    public async Task A_command_can_begin_it_sooner()
    {
        await using var run = runs.Run(expert: 200).Start();
        await run.ReadAsync(10);
        await run.Curriculum.ApplyAsync("s", new StageCommand("practice"), Cancelled);

        Assert.All(await run.ReadAsync(10), lesson => Assert.True(lesson.IsPractice));
    }

    [Fact]
    public async Task Whoever_looks_at_what_teachers_answered_does_not_see_it_unless_it_is_named()
    {
        await using (var run = runs.Run(expert: 10).Start())
        {
            await run.ReadAsync(100);
        }

        using var traces = StoredTraces.Open(runs.Store);
        Assert.All(traces.Read(new TraceFilter()), trace => Assert.Equal("expert", trace.Request.Stage));
        var own = traces.Read(new TraceFilter { Stage = "practice" }).ToList();
        Assert.Equal(10, own.Count);
        Assert.All(own, trace => Assert.Equal(PracticeRuns.Own, trace.Answer!.Response));
        Assert.All(own, trace => Assert.Equal(PracticeRuns.Explanation(trace.Request), trace.Request.Hint));
    }

    [Fact]
    public async Task Before_it_a_share_of_the_lessons_has_the_explanation_in_the_question()
    {
        await using var run = runs.Run(expert: 300, readingShare: 0.5).Start();
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

    private static bool Same(
        (ImmutableArray<int> Prompt, ImmutableArray<int> Answer) left, (ImmutableArray<int> Prompt, ImmutableArray<int> Answer) right) =>
        left.Prompt.SequenceEqual(right.Prompt) && left.Answer.SequenceEqual(right.Answer);
}
