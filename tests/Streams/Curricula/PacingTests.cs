using Orca.Streams.Bus;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Curricula.Lessons;
using Orca.Streams.Curricula.Mixtures;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Curricula;

/// <summary>Lessons that are too hard or too long by now wait, and none is lost.</summary>
public sealed class PacingTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Each_task_goes_on_to_the_next_difficulty_when_the_student_knows_the_one_before()
    {
        var options = TestRun.Stages(capacity: 64) with { Pacing = new LessonPacing(NextAtLoss: 0.5) };
        await using var run = new TestRun(
            folder.Path, options, new ReasoningTasks(3, ["navigate", "arithmetic"]).ByFamily(),
            new SolverTeacher(SolverStrength.Expert)).Start();

        // It learns to navigate, and no arithmetic.
        var trainer = new FakeTrainer(run.Curriculum, lessonsPerStep: 8)
        {
            LossOf = lesson => lesson.Task == "navigate" ? 0.1 : 3,
        };
        await trainer.RunAsync(120);

        var lessons = trainer.Steps.Values.SelectMany(step => step.Lessons).ToList();
        Assert.All(lessons.Where(lesson => lesson.Task == "arithmetic"), lesson => Assert.Equal(1, lesson.Difficulty));
        var navigate = lessons.Where(lesson => lesson.Task == "navigate").Select(lesson => lesson.Difficulty!.Value).ToList();
        Assert.All(navigate.Take(20), difficulty => Assert.Equal(1, difficulty));
        Assert.Equal(ReasoningTasksDifficulties, navigate.Distinct().Order());
        Assert.True(navigate.IndexOf(2) < navigate.IndexOf(3) && navigate.IndexOf(3) < navigate.IndexOf(4));
    }

    [Fact]
    public async Task A_highest_difficulty_is_neither_asked_nor_taught_beyond_until_a_command_lifts_it()
    {
        await using var run = new TestRun(
            folder.Path, TestRun.Stages(capacity: 64) with { Pacing = new LessonPacing(MaxDifficulty: 2) },
            new ReasoningTasks(3, ["navigate"]).ByFamily(), new SolverTeacher(SolverStrength.Expert)).Start();
        var before = await run.ReadAsync(100);
        Assert.All(before, lesson => Assert.InRange(lesson.Difficulty!.Value, 1, 2));

        await run.Curriculum.ApplyAsync("off", new PacingCommand(LessonPacing.None), Cancelled);

        Assert.Contains(await run.ReadAsync(300), lesson => lesson.Difficulty == 4);
    }

    [Fact]
    public async Task Long_lessons_wait_until_the_pace_has_come_to_them_and_none_is_lost()
    {
        var queries = Enumerable.Range(0, 200).Select(number => Questions.Of(
            "cot", $"question {number}{string.Concat(Enumerable.Repeat(" word", number % 2 == 0 ? 0 : 40))}", $"{number}")).ToList();
        await using var run = new TestRun(
            folder.Path, TestRun.Stages(capacity: 300) with { Pacing = new LessonPacing(MaxTokens: 40) },
            [new ListSource("cot", queries)], new RecordedTeacher(), new() { Credits = 300 }).Start();

        var first = await run.ReadAsync(90);
        Assert.All(first, lesson => Assert.InRange(lesson.Length, 1, 40));
        await run.Curriculum.ApplyAsync("longer", new PacingCommand(new LessonPacing(MaxTokens: 400)), Cancelled);
        var rest = await run.ReadAsync(1_000);

        Assert.Equal(200, first.Concat(rest).Select(lesson => lesson.RequestId).Distinct().Count());
    }

    [Fact]
    public async Task What_the_pace_by_loss_has_not_come_to_is_taught_at_the_end()
    {
        var all = new ReasoningTasks(3, ["navigate"]);
        var queries = Enumerable.Range(0, 100).Select(number => all.At(number)).ToList();
        await using var run = new TestRun(
            folder.Path, TestRun.Stages(capacity: 300) with { Pacing = new LessonPacing(NextAtLoss: 0.01) },
            [new ListSource(ReasoningTasks.Collection, queries)], new SolverTeacher(SolverStrength.Expert)).Start();

        var lessons = await run.ReadAsync(1_000);

        Assert.Equal(run.Store.Counts.Accepted, lessons.Count);
        Assert.Contains(lessons, lesson => lesson.Difficulty == 4);
    }

    [Fact]
    public async Task Each_task_goes_on_to_the_next_difficulty_when_the_student_that_is_asked_first_is_right_often_enough()
    {
        var options = TestRun.Stages(capacity: 64) with
        {
            Pacing = new LessonPacing(NextAtAccuracy: 0.75),
            Steerable = new Steerable { AsksStudent = true },
        };
        var student = new FakeStudent(request => request.Query is { Task: "navigate", Difficulty: <= 2 });
        await using var run = new TestRun(
            folder.Path, options, new ReasoningTasks(3, ["navigate", "arithmetic"]).ByFamily(), new SolverTeacher(SolverStrength.Expert),
            new() { Student = new(student) { AskAnywayShare = 1 } }).Start();

        var lessons = await run.ReadAsync(600);

        Assert.All(lessons.Where(lesson => lesson.Task == "arithmetic"), lesson => Assert.Equal(1, lesson.Difficulty));
        var navigate = lessons.Where(lesson => lesson.Task == "navigate").Select(lesson => lesson.Difficulty!.Value).ToList();
        Assert.Equal([1, 2, 3], navigate.Distinct().Order());
        var accuracy = run.Curriculum.Status.StudentAccuracy;
        Assert.Equal(0, accuracy["reasoning/arithmetic"]);
        Assert.InRange(accuracy["reasoning/navigate"], 0.2, 0.9);
    }

    [Fact]
    public async Task A_pace_by_accuracy_is_refused_where_the_student_is_not_asked()
    {
        await using var run = new TestRun(
            folder.Path, TestRun.Stages(capacity: 64), [ListSource.Of("cot", 10)], new RecordedTeacher()).Start();

        var refused = await Assert.ThrowsAsync<CommandRefusedException>(
            () => run.Curriculum.ApplyAsync("p", new PacingCommand(new LessonPacing(NextAtAccuracy: 0.5)), Cancelled));

        Assert.Contains("it is not asked here (curriculum.askStudentFirst); give a loss", refused.Message);
    }

    [Fact]
    public void A_level_is_passed_by_the_mean_of_enough_lessons_and_not_by_one()
    {
        var (pace, pacing) = (PaceProgress.Begin, new LessonPacing(NextAtLoss: 1));
        int? Max(LessonPacing by) => pace.MaxOf(by, StudentAnswers.None, "c", "t");
        StepResult Step(double loss, int difficulty) =>
            new(1, false, [new LessonResult(1, "c", "t", difficulty, false, loss * 10, 10)]);

        for (var lesson = 0; lesson < 19; lesson++)
        {
            pace = pace.With(Step(0.1, 1), pacing);
        }

        Assert.Equal(1, Max(pacing));
        pace = pace.With(Step(0.1, 1), pacing);
        Assert.Equal(2, Max(pacing));
        for (var lesson = 0; lesson < 50; lesson++)
        {
            // What is easier says nothing of the level.
            pace = pace.With(Step(0.1, 1), pacing).With(Step(2, 2), pacing);
        }

        Assert.Equal((2, 2), (Max(pacing), Max(pacing with { MaxDifficulty = 2 })));
        Assert.Equal((1, (int?)null), (Max(pacing with { MaxDifficulty = 1 }), Max(LessonPacing.None)));
    }

    private static IEnumerable<int> ReasoningTasksDifficulties => [1, 2, 3, 4];
}
