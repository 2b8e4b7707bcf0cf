using Orca.Streams.Collecting;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Curricula.Lessons;
using Orca.Streams.Curricula.Replay;
using Orca.Streams.Teachers;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Curricula;

/// <summary>How often lessons are taught again: by a ratio while there are fresh ones, and never more often than allowed.</summary>
public sealed class ReplayRatioTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task With_a_fast_teacher_so_many_are_repeated_for_each_fresh_one(double ratio)
    {
        var options = TestRun.Stages(maxReuses: 10, capacity: 64) with { ReplayRatio = ratio, MinReplay = 16 };
        await using var run = new TestRun(folder.Path, options, [ListSource.Of("cot", 3_000)], new RecordedTeacher()).Start();

        var lessons = await run.ReadAsync(1_500);

        var settled = lessons[300..];
        var (fresh, repeated) = (settled.Count(lesson => !lesson.IsRepeated), settled.Count(lesson => lesson.IsRepeated));
        Assert.InRange(repeated / (double)fresh, ratio * 0.9, ratio * 1.1);
        Assert.Equal(lessons.Count(lesson => lesson.IsRepeated), run.Curriculum.Status.LessonsReplayed);
        Assert.All(lessons.GroupBy(lesson => lesson.RequestId), taught => Assert.InRange(taught.Count(), 1, 11));
    }

    [Fact]
    public async Task The_cap_goes_before_the_ratio()
    {
        var options = TestRun.Stages(maxReuses: 1, capacity: 64) with { ReplayRatio = 5, MinReplay = 16 };
        await using var run = new TestRun(folder.Path, options, [ListSource.Of("cot", 300)], new RecordedTeacher()).Start();

        var lessons = await run.ReadAsync(10_000);

        Assert.Equal((300, 300), (lessons.Count(lesson => !lesson.IsRepeated), lessons.Count(lesson => lesson.IsRepeated)));
        Assert.All(lessons.GroupBy(lesson => lesson.RequestId), taught => Assert.Equal(2, taught.Count()));
    }

    [Fact]
    public async Task A_slow_teacher_idles_nobody_and_a_fresh_lesson_goes_first()
    {
        var gate = new SemaphoreSlim(100);
        var teacher = new FakeTeacher(async (request, cancellationToken) =>
        {
            await gate.WaitAsync(cancellationToken);
            return request.Query.Explanation!;
        });
        var options = TestRun.Stages(maxReuses: null, capacity: 64) with { MinReplay = 50 };
        await using var run = new TestRun(folder.Path, options, [ListSource.Of("cot", 1_000)], teacher).Start();

        // A hundred answers, and the teacher is silent: the trainer is never idle.
        Assert.Equal(500, (await run.ReadAsync(500)).Count);
        gate.Release(1);
        await Patience.Until(() => run.Curriculum.Status.TracesWaiting == 1);

        Assert.False((await run.ReadAsync(1)).Single().IsRepeated);
    }

    [Fact]
    public async Task The_ratio_and_the_cap_are_changed_by_command_from_the_next_lesson_on()
    {
        var options = TestRun.Stages(maxReuses: 0, capacity: 64) with { MinReplay = 16 };
        await using var run = new TestRun(folder.Path, options, [ListSource.Of("cot", 3_000)], new RecordedTeacher()).Start();
        Assert.All(await run.ReadAsync(200), lesson => Assert.False(lesson.IsRepeated));

        await run.Curriculum.ApplyAsync("r", new ReplayCommand(new ReplayTuning(Ratio: 1, MaxReuses: 3)), Cancelled);
        var after = await run.ReadAsync(400);
        await run.Curriculum.ApplyAsync("off", new ReplayCommand(new ReplayTuning(MaxReuses: 0)), Cancelled);

        Assert.InRange(after.Count(lesson => lesson.IsRepeated), 190, 210);
        Assert.All(await run.ReadAsync(100), lesson => Assert.False(lesson.IsRepeated));
    }

    [Fact]
    public async Task A_checkpoint_in_the_middle_of_a_steps_lessons_knows_in_which_order_all_were_given()
    {
        var options = TestRun.Stages(maxReuses: 3, capacity: 64) with { MinReplay = 16, ReplayRatio = 1 };
        TestRun Run(byte[]? snapshot) => new(
            folder.Path, options, [ListSource.Of("cot", 200), ListSource.Of("niv2", 200)],
            new FakeTeacher((request, _) => Task.FromResult(request.Query.Explanation!)), snapshot: snapshot);
        var first = Run(null).Start();
        await new FakeTrainer(first.Curriculum).RunAsync(30);
        ((ITrainerLink)first.Curriculum).Fill(31);
        await first.ReadAsync(2);
        var snapshot = first.Curriculum.Snapshot();
        var given = first.Store.LessonsAfter(0, 1_000).Length;
        await first.KillAsync();

        await using var second = Run(snapshot).Start();
        var lessons = await second.ReadAsync(10_000);

        Assert.Equal(122, given);
        Assert.Equal(123, lessons[0].Ordinal);
        Assert.All(lessons.GroupBy(lesson => lesson.RequestId), turns => Assert.InRange(turns.Count(), 1, 4));
    }

    [Fact]
    public void Lessons_of_an_epoch_are_near_each_other_in_the_store_and_each_has_one_turn()
    {
        var epoch = new ReplayProgress().Next(10_000, maxReuses: 3, least: 1)!;

        var order = epoch.Order(seed: 7, stage: 0);

        Assert.Equal(Enumerable.Range(0, 10_000), order.Order());
        Assert.All(order.Chunk(1_024), group => Assert.InRange(group.Select(place => place / 64).Distinct().Count(), 1, 2 * 17));
        Assert.NotEqual(order, epoch.Next(10_000, 3, 1)!.Order(8, 0));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whatever_the_cap_was_meanwhile_no_lesson_is_taught_again_more_often_than_the_highest_allows(int seed)
    {
        var (random, progress, taught, fresh) = (new Random(seed), new ReplayProgress(), new int[1_000], 0L);
        for (var turn = 0; turn < 20_000; turn++)
        {
            fresh = Math.Min(taught.Length, fresh + (random.Next(10) == 0 ? random.Next(20) : 0));
            var cap = turn / 50 % 2 == 0 ? 3 : random.Next(4);
            if (progress.Next(fresh, cap, 1) is { } epoch)
            {
                var place = epoch.Low + epoch.Position;
                Assert.InRange(++taught[place], 1, 3);
                Assert.True(taught[place] <= Math.Max(cap, 1) || cap == 3, $"{taught[place]} times under a cap of {cap}");
                progress = epoch with { Position = epoch.Position + 1, Lessons = epoch.Lessons + 1 };
            }
        }

        Assert.Contains(taught, times => times == 3);
    }

    [Fact]
    public void A_cap_that_is_changed_holds_for_what_was_taught_before_too()
    {
        var (progress, taught) = (new ReplayProgress(), new int[400]);
        ReplayProgress? Epoch(long fresh, int cap)
        {
            if (progress.Next(fresh, cap, 1) is not { } next)
            {
                return null;
            }

            for (var place = next.Low; place < next.High; place++)
            {
                taught[place]++;
            }

            return progress = next with { Position = next.High - next.Low, Lessons = next.High - next.Low };
        }

        for (var i = 0; i < 2; i++)
        {
            Assert.NotNull(Epoch(100, 3));
        }

        Assert.Null(Epoch(100, 2));
        Assert.NotNull(Epoch(200, 2));
        Assert.NotNull(Epoch(200, 4));
        while (Epoch(400, 4) is not null)
        {
        }

        Assert.All(taught, times => Assert.InRange(times, 1, 4));
    }
}
