using Orca.Streams.Collecting;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Curricula.Lessons;
using Orca.Streams.Storage;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Collecting;

/// <summary>A student that practises and is killed, goes back to a checkpoint, or practises no more.</summary>
public sealed class PracticeRestartTests : IDisposable
{
    private readonly PracticeRuns runs = new();

    public void Dispose() => runs.Dispose();

    [Fact]
    public async Task Between_its_answers_lessons_of_the_stage_before_are_taught_again_after_a_kill_too()
    {
        var first = runs.Run(expert: 30, replay: 2).Start();
        var lessons = await first.ReadAsync(60);
        var snapshot = first.Curriculum.Snapshot();
        lessons.AddRange(await first.ReadAsync(20));
        await first.KillAsync();
        await using var second = runs.Run(expert: 30, replay: 2, snapshot: snapshot).Start();
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
        await using var run = runs.Run(expert: 30).Start();
        await run.ReadAsync(35);
        var checkpoint = run.Curriculum.Snapshot();
        await run.ReadAsync(10);
        var stale = PracticeRuns.Accepted(run).ToHashSet();

        Assert.True(((ITrainerLink)run.Curriculum).RolledBack(new RollBackOrder(1, "step"), checkpoint));
        var after = await run.ReadAsync(100);

        Assert.All(after, lesson => Assert.True(lesson.IsPractice));
        Assert.Empty(after.Select(lesson => lesson.RequestId).Intersect(stale));
    }

    [Fact]
    public async Task Nor_where_it_went_back_to_the_stage_before()
    {
        await using var run = runs.Run(expert: 30, collection: new CollectionOptions { Credits = 4 }).Start();
        await run.ReadAsync(20);
        var checkpoint = run.Curriculum.Snapshot();
        await run.ReadAsync(20);
        await Patience.Until(() => run.Store.Counts.AcceptedByStage.GetValueOrDefault("practice") >= 10);
        var stale = PracticeRuns.Accepted(run).ToHashSet();

        Assert.True(((ITrainerLink)run.Curriculum).RolledBack(new RollBackOrder(1, "step"), checkpoint));
        var after = await run.ReadAsync(100);

        Assert.Equal(10, after.Count(lesson => !lesson.IsPractice));
        Assert.Empty(after.Select(lesson => lesson.RequestId).Intersect(stale));
    }

    [Fact]
    public async Task Without_it_a_run_that_stood_in_it_goes_on_and_teaches_what_is_new()
    {
        byte[] checkpoint;
        await using (var first = runs.Run(expert: 30).Start())
        {
            await first.ReadAsync(35);
            checkpoint = first.Curriculum.Snapshot();
        }

        await using var second = runs.Run(expert: 30, snapshot: checkpoint, isOn: false).Start();

        Assert.Equal("expert", second.Curriculum.Status.Stage);
        Assert.Empty(await second.ReadAsync(10));
    }

    [Fact]
    public async Task After_a_kill_it_goes_on_with_the_same_lessons_and_answers_nothing_twice()
    {
        var first = runs.Run(expert: 30).Start();
        await first.ReadAsync(35);
        var snapshot = first.Curriculum.Snapshot();
        var expected = (await first.ReadAsync(10)).Select(lesson => lesson.RequestId).ToList();
        await first.KillAsync();
        await using var second = runs.Run(expert: 30, snapshot: snapshot);
        var answered = runs.Practised.Select(request => request.Id).Where(id => second.Store.Find(id)?.Answer is not null).ToList();
        runs.Practised.Clear();
        second.Start();
        var lessons = await second.ReadAsync(100);

        Assert.Equal(expected, lessons.Take(10).Select(lesson => lesson.RequestId));
        Assert.Equal(25, lessons.Select(lesson => lesson.RequestId).Distinct().Count());
        Assert.All(lessons, lesson => Assert.False(lesson.HintedPromptTokens.IsEmpty));
        Assert.True(answered.Count >= 15);
        Assert.Empty(runs.Practised.Select(request => request.Id).Intersect(answered));
    }

    [Fact]
    public async Task What_was_explained_before_it_counts_as_taught_while_the_student_practises()
    {
        byte[] checkpoint;
        await using (var run = runs.Run(expert: 10).Start())
        {
            await run.ReadAsync(15);
            checkpoint = run.Curriculum.Snapshot();
        }

        using var traces = StoredTraces.Open(runs.Store);
        Assert.Equal(10, TaughtTraces.Of(traces, checkpoint, ["assistant", "expert", "practice"]).Count());
    }
}
