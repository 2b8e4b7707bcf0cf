using Orca.Streams.Curricula;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Curricula.Lessons;
using Orca.Streams.Teachers;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Curricula;

/// <summary>A student that is rolled back is taught again what it had been taught since.</summary>
public sealed class RollBackTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task What_was_taught_since_the_checkpoint_is_taught_again_once_and_lessons_are_counted_on()
    {
        await using var run = Run(null).Start();
        var trainer = new FakeTrainer(run.Curriculum);
        await trainer.RunAsync(10);
        var checkpoint = run.Curriculum.Snapshot();
        await trainer.RunAsync(10);
        var since = trainer.Steps.Values.Skip(10).SelectMany(step => step.Lessons).Select(lesson => lesson.RequestId).ToList();

        var receipt = await run.Curriculum.ApplyAsync("back", new RollBackCommand("step-00000010"), Cancelled);
        await trainer.RunAsync(1);
        var order = trainer.Steps[21].Orders.RollBack!;
        ((ITrainerLink)run.Curriculum).RolledBack(order, checkpoint);
        await trainer.RunAsync(30);

        Assert.Equal((21, new RollBackOrder(receipt.Revision, "step-00000010")), (receipt.FirstStep, order));
        Assert.Null(trainer.Steps[22].Orders.RollBack);
        var after = trainer.Steps.Values.Skip(21).SelectMany(step => step.Lessons).ToList();
        Assert.Equal(Enumerable.Range(85, after.Count).Select(ordinal => (long)ordinal), after.Select(lesson => lesson.Ordinal));
        Assert.Subset(after.Select(lesson => lesson.RequestId).ToHashSet(), since.ToHashSet());
        Assert.Equal(after.Count, after.Select(lesson => lesson.RequestId).Distinct().Count());
        Assert.DoesNotContain(after, lesson => lesson.IsRepeated);
    }

    [Fact]
    public async Task A_kill_after_it_goes_on_from_there_and_before_it_was_saved_it_is_ordered_again()
    {
        var run = Run(null).Start();
        var trainer = new FakeTrainer(run.Curriculum);
        await trainer.RunAsync(10);
        var checkpoint = run.Curriculum.Snapshot();
        await trainer.RunAsync(10);
        var late = run.Curriculum.Snapshot();
        await run.Curriculum.ApplyAsync("back", new RollBackCommand("step-00000010"), Cancelled);
        await trainer.RunAsync(1);
        ((ITrainerLink)run.Curriculum).RolledBack(trainer.Steps[21].Orders.RollBack!, checkpoint);
        await trainer.RunAsync(2);
        var saved = run.Curriculum.Snapshot();
        var next = new FakeTrainer(run.Curriculum, firstStep: 24);
        await next.RunAsync(5);
        var expected = next.Steps.Values.SelectMany(step => step.Lessons).Select(Text).ToList();
        await run.KillAsync();

        // From the checkpoint after it: the same lessons. From one before it: the order stands.
        var second = Run(saved).Start();
        var again = new FakeTrainer(second.Curriculum, firstStep: 24);
        await again.RunAsync(5);
        Assert.Equal(expected, again.Steps.Values.SelectMany(step => step.Lessons).Select(Text));
        Assert.All(again.Steps.Values, step => Assert.Null(step.Orders.RollBack));
        await second.KillAsync();
        await using var third = Run(late).Start();
        var before = new FakeTrainer(third.Curriculum, firstStep: 21);
        await before.RunAsync(1);
        Assert.Equal("step-00000010", before.Steps[21].Orders.RollBack?.Checkpoint);
    }

    [Fact]
    public async Task One_that_cannot_be_written_is_refused_in_words_and_what_is_taught_goes_on()
    {
        // One write a commit, so that nothing else is refused with it.
        await using var run = Run(null, maxBatch: 1).Start();
        var trainer = new FakeTrainer(run.Curriculum);
        await trainer.RunAsync(10);
        var checkpoint = run.Curriculum.Snapshot();
        await trainer.RunAsync(5);
        await run.Curriculum.ApplyAsync("back", new RollBackCommand("step-00000010"), Cancelled);
        await trainer.RunAsync(1);
        StoreSql.Run(folder["traces.db"], "CREATE TRIGGER refuse BEFORE UPDATE ON lessons BEGIN SELECT RAISE(ABORT, 'disk full'); END");

        var refusal = Assert.Throws<TaskFormatException>(
            () => ((ITrainerLink)run.Curriculum).RolledBack(trainer.Steps[16].Orders.RollBack!, checkpoint));
        await trainer.RunAsync(5);

        Assert.Contains("'step-00000010' cannot be taken back", refusal.Message);
        Assert.Contains("disk full", refusal.Message);
        Assert.Equal(Enumerable.Range(1, 84).Select(number => (long)number), trainer.Steps.Values.SelectMany(step => step.Lessons)
            .Select(lesson => lesson.Ordinal));
    }

    [Fact]
    public async Task A_checkpoint_that_is_not_there_is_refused_with_those_that_are_and_where_nobody_trains_all_are()
    {
        await using var run = Run(null).Start();
        var refusal = await Assert.ThrowsAsync<CommandRefusedException>(
            () => run.Curriculum.ApplyAsync("a", new RollBackCommand("step-7"), Cancelled));
        await using var other = new TestRun(
            folder["other"], TestRun.Stages(), [ListSource.Of("cot", 5)], new RecordedTeacher()).Start();
        var untrained = await Assert.ThrowsAsync<CommandRefusedException>(
            () => other.Curriculum.ApplyAsync("a", new RollBackCommand("step-00000010"), Cancelled));

        Assert.Contains("'step-7'; there are step-00000010", refusal.Message);
        Assert.Contains("No student is trained in this process", untrained.Message);
    }

    private TestRun Run(byte[]? snapshot, int maxBatch = 512) => new(
        folder.Path,
        TestRun.Stages(capacity: 64) with
        {
            Steerable = new Steerable { IsTrained = true, Checkpoints = () => ["step-00000010"] },
        },
        [ListSource.Of("cot", 2_000)], new RecordedTeacher(), snapshot: snapshot, maxBatch: maxBatch);

    private static string Text(Lesson lesson) => $"{lesson.Ordinal} {lesson.RequestId}";
}
