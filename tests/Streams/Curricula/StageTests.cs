using Orca.Streams.Bus;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Curricula.Stages;
using Orca.Streams.Teachers;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Curricula;

/// <summary>A stage ends by its length, by a command, or by proof that the student gains no more.</summary>
public sealed class StageTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_command_goes_on_to_a_later_stage_at_the_very_next_lesson_and_what_was_left_stays_stored()
    {
        await using var run = new TestRun(
            folder.Path, TestRun.Stages(assistant: 500, capacity: 64), [ListSource.Of("cot", 600)], new RecordedTeacher()).Start();
        await run.ReadAsync(20);

        var receipt = await run.Curriculum.ApplyAsync("s", new StageCommand("expert"), Cancelled);
        var lessons = await run.ReadAsync(50);

        Assert.Equal(21, receipt.FirstLesson);
        Assert.All(lessons, lesson => Assert.Equal("expert", lesson.Stage));
        Assert.True(run.Store.Counts.AcceptedByStage["assistant"] > 20);
        Assert.Contains("is over", (await Refused(run, new StageCommand("assistant"))).Message);
        Assert.Contains("is taught already", (await Refused(run, new StageCommand("expert"))).Message);
        Assert.Contains("there are assistant, expert", (await Refused(run, new StageCommand("master"))).Message);
    }

    [Fact]
    public async Task After_a_kill_the_lessons_before_such_a_command_are_given_again_before_those_after_it()
    {
        TestRun Run(byte[]? snapshot) => new(
            folder.Path, TestRun.Stages(assistant: 500, capacity: 64), [ListSource.Of("cot", 600)], new RecordedTeacher(),
            snapshot: snapshot);
        var first = Run(null).Start();
        await first.ReadAsync(10);
        var snapshot = first.Curriculum.Snapshot();
        var expected = (await first.ReadAsync(10)).Select(lesson => (lesson.Stage, lesson.RequestId)).ToList();
        await first.Curriculum.ApplyAsync("s", new StageCommand("expert"), Cancelled);
        expected.AddRange((await first.ReadAsync(5)).Select(lesson => (lesson.Stage, lesson.RequestId)));
        await first.KillAsync();

        await using var second = Run(snapshot).Start();

        Assert.Equal(expected, (await second.ReadAsync(15)).Select(lesson => (lesson.Stage, lesson.RequestId)));
        Assert.Equal("expert", (await second.ReadAsync(1)).Single().Stage);
    }

    [Fact]
    public async Task A_stage_ends_once_a_gain_that_matters_is_ruled_out()
    {
        var options = TestRun.Stages(assistant: 100_000, capacity: 64);
        options = options with
        {
            Stages = [options.Stages[0] with { Ends = new StageEnd(Gain: 0.1, Examinations: 4) }, options.Stages[1]],
        };
        await using var run = new TestRun(folder.Path, options, [ListSource.Of("cot", 3_000)], new RecordedTeacher()).Start();
        await run.ReadAsync(10);

        // It gains by leaps, then no more.
        foreach (var right in new[] { 100, 200, 300, 400 })
        {
            run.Curriculum.Hear(new Examined(right, right, 500));
        }

        Assert.All(await run.ReadAsync(50), lesson => Assert.Equal("assistant", lesson.Stage));
        Assert.True(run.Curriculum.Status.Proof is { Gain: > 0.3, Low: > 0.2 });
        foreach (var right in new[] { 400, 401, 399, 400 })
        {
            run.Curriculum.Hear(new Examined(right, right, 500));
        }

        Assert.All(await run.ReadAsync(50), lesson => Assert.Equal("expert", lesson.Stage));
    }

    [Fact]
    public void The_interval_of_a_gain_is_Newcombes()
    {
        // Newcombe 1998, Statistics in Medicine 17, table II, method 10: 56/70 - 48/80 = 0.2000, 0.0524 to 0.3339.
        var proof = GainProof.Of([new Examined(1, 48, 80), new Examined(2, 56, 70)], 2)!;

        Assert.Equal((0.2000, 0.0524, 0.3339), (Math.Round(proof.Gain, 4), Math.Round(proof.Low, 4), Math.Round(proof.High, 4)));
        Assert.Equal((1, 2), (proof.From, proof.To));
    }

    [Fact]
    public void Few_examinations_prove_nothing_and_neither_do_small_ones()
    {
        Assert.Null(GainProof.Of([new Examined(1, 5, 10)], 2));
        Assert.Null(GainProof.Of([new Examined(1, 0, 0), new Examined(2, 0, 0)], 2));
        Assert.False(GainProof.Of([new Examined(1, 5, 10), new Examined(2, 5, 10)], 2)!.HasFlattened(0.1));
        Assert.True(GainProof.Of([new Examined(1, 5_000, 10_000), new Examined(2, 5_000, 10_000)], 2)!.HasFlattened(0.1));
    }

    [Fact]
    public void A_stage_that_its_length_does_not_end_may_be_ended_by_proof_alone()
    {
        var endless = TestRun.Stages(assistant: 1) with
        {
            Stages =
            [
                new CurriculumStage { Name = "a", Teacher = "a", Ends = new StageEnd() }, new CurriculumStage { Name = "b", Teacher = "b" },
            ],
        };

        Assert.Empty(endless.Faults());
        Assert.Single((endless with { Stages = [endless.Stages[0] with { Ends = new StageEnd(0) }, endless.Stages[1]] }).Faults());
        Assert.Single((endless with { Stages = [endless.Stages[0] with { Ends = null }, endless.Stages[1]] }).Faults());
    }

    private static Task<CommandRefusedException> Refused(TestRun run, CurriculumCommand command) =>
        Assert.ThrowsAsync<CommandRefusedException>(() => run.Curriculum.ApplyAsync(Guid.NewGuid().ToString(), command, Cancelled));
}
