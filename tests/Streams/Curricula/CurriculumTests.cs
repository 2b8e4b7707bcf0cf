using Orca.Streams.Bus;
using Orca.Streams.Collecting;
using Orca.Streams.Curricula;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Curricula.Lessons;
using Orca.Streams.Storage;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Curricula;

public sealed class CurriculumTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_used_up_source_is_taught_again_in_shuffled_epochs_up_to_its_reuses()
    {
        await using var run = new TestRun(folder.Path, TestRun.Stages(maxReuses: 2), [ListSource.Of("cot", 50)], new RecordedTeacher()).Start();

        var lessons = await run.ReadAsync(1000);

        Assert.Equal(150, lessons.Count);
        var epochs = lessons.Select(lesson => lesson.RequestId).Chunk(50).ToList();
        Assert.All(epochs, epoch => Assert.Equal(50, epoch.Distinct().Count()));
        Assert.NotEqual(epochs[0], epochs[1]);
        Assert.NotEqual(epochs[1], epochs[2]);
        Assert.Equal((100, 2, true), (run.Curriculum.Status.LessonsReplayed, run.Curriculum.Status.Epoch, run.Curriculum.Status.Finished));
    }

    [Fact]
    public async Task Without_a_limit_of_reuses_it_teaches_for_ever()
    {
        await using var run = new TestRun(folder.Path, TestRun.Stages(maxReuses: null), [ListSource.Of("cot", 10)], new RecordedTeacher()).Start();

        Assert.Equal(2000, (await run.ReadAsync(2000)).Count);
    }

    [Fact]
    public async Task While_a_slow_teacher_answers_traces_are_taught_again_but_none_more_often_than_allowed()
    {
        var gate = new SemaphoreSlim(100);
        var teacher = new FakeTeacher(async (request, cancellationToken) =>
        {
            await gate.WaitAsync(cancellationToken);
            return request.Query.Explanation!;
        });
        var options = TestRun.Stages(maxReuses: 3, capacity: 16) with { MinReplay = 100 };
        await using var run = new TestRun(folder.Path, options, [ListSource.Of("cot", 1000)], teacher).Start();

        // 100 answers make the first epoch; taught four times each, and the trainer waits for the teacher.
        var lessons = await run.ReadAsync(400);
        Assert.All(lessons.GroupBy(lesson => lesson.RequestId), taught => Assert.InRange(taught.Count(), 1, 4));
        await Task.Delay(50, Cancelled);
        var left = run.Curriculum.Lessons.Count;
        gate.Release(50);
        lessons.AddRange(await run.ReadAsync(left + 50));

        Assert.All(lessons.GroupBy(lesson => lesson.RequestId), taught => Assert.InRange(taught.Count(), 1, 4));
        Assert.Equal(150, lessons.Select(lesson => lesson.RequestId).Distinct().Count());
    }

    [Fact]
    public async Task Each_stage_goes_through_the_tasks_again_with_its_own_teacher()
    {
        await using var run = new TestRun(folder.Path, TestRun.Stages(assistant: 60), [ListSource.Of("cot", 40)], new RecordedTeacher()).Start();

        var lessons = await run.ReadAsync(1000);

        // The assistant's stage asked for more than there is: it ends with its tasks.
        Assert.Equal((40, 40), (lessons.Count(lesson => lesson.Stage == "assistant"), lessons.Count(lesson => lesson.Stage == "expert")));
    }

    [Fact]
    public async Task A_pause_stops_the_asking_lasts_across_a_restart_and_ends_with_resume()
    {
        var teacher = new FakeTeacher((request, _) => Task.FromResult(request.Query.Explanation!));
        var first = new TestRun(
            folder.Path, TestRun.Stages(capacity: 4), [ListSource.Of("cot", 500)], teacher, new CollectionOptions { Credits = 4 }).Start();
        await first.ReadAsync(10);
        var revision = await first.Curriculum.PauseAsync("p1", Cancelled);
        await Patience.Until(() => first.Statistics.InFlight == 0);
        var asked = teacher.Asked.Count;
        await first.ReadAsync(asked - 10);
        await Task.Delay(50, Cancelled);
        Assert.InRange(teacher.Asked.Count, asked, asked + 1);
        Assert.Equal(PausedWork.Collecting, first.Curriculum.Status.Paused);
        await first.KillAsync();

        await using var second = new TestRun(folder.Path, TestRun.Stages(capacity: 4), [ListSource.Of("cot", 500)], teacher).Start();
        await Task.Delay(50, Cancelled);
        Assert.Equal((PausedWork.Collecting, revision), (second.Curriculum.Status.Paused, second.Curriculum.Status.Revision));
        Assert.InRange(teacher.Asked.Count, asked, asked + 1);

        Assert.Equal(revision + 1, await second.Curriculum.ResumeAsync("r1", Cancelled));
        Assert.Equal(500, (await second.ReadAsync(1000)).Count);
    }

    [Fact]
    public async Task A_command_given_again_under_its_id_is_done_once_also_after_a_restart()
    {
        var first = new TestRun(folder.Path, TestRun.Stages(), [ListSource.Of("cot", 50)], new RecordedTeacher()).Start();
        var published = new List<PublishRequest>();
        using var subscription = first.Curriculum.PublishRequests.Subscribe(published.Add);
        var revision = await first.Curriculum.PublishNowAsync("publish-1", Cancelled);
        Assert.Equal(revision, await first.Curriculum.PublishNowAsync("publish-1", Cancelled));
        Assert.Equal(
            revision + 1, await first.Curriculum.SetMixtureAsync("mix-1", new Dictionary<string, double> { ["cot"] = 2 }, Cancelled));
        Assert.Equal([new PublishRequest(revision, "publish-1")], published);
        await first.KillAsync();

        await using var second = new TestRun(folder.Path, TestRun.Stages(), [ListSource.Of("cot", 50)], new RecordedTeacher()).Start();
        Assert.Equal(revision, await second.Curriculum.PublishNowAsync("publish-1", Cancelled));
        Assert.Equal(1, second.Curriculum.Status.Steering.PublishRequests);
        Assert.Equal(2, second.Curriculum.Status.Mixture["cot"]);
    }

    [Fact]
    public async Task A_publication_that_was_acknowledged_and_not_made_is_asked_for_again_after_a_kill()
    {
        var first = new TestRun(folder.Path, TestRun.Stages(), [ListSource.Of("cot", 50)], new RecordedTeacher()).Start();
        var made = await first.Curriculum.PublishNowAsync("made", Cancelled);
        var snapshot = first.Curriculum.Snapshot();
        var lost = await first.Curriculum.PublishNowAsync("lost", Cancelled);
        await first.KillAsync();

        await using var second = new TestRun(
            folder.Path, TestRun.Stages(), [ListSource.Of("cot", 50)], new RecordedTeacher(), snapshot: snapshot).Start();
        var (heard, later) = (new List<PublishRequest>(), new List<PublishRequest>());
        using var subscription = second.Curriculum.PublishRequests.Subscribe(heard.Add);
        using var another = second.Curriculum.PublishRequests.Subscribe(later.Add);
        var next = await second.Curriculum.PublishNowAsync("next", Cancelled);

        Assert.Equal([new PublishRequest(lost, "lost"), new PublishRequest(next, "next")], heard);
        Assert.Equal([new PublishRequest(next, "next")], later);
        Assert.True(made < lost);
    }

    [Fact]
    public async Task Two_mixtures_that_are_right_alone_and_leave_no_weight_together_are_not_both_taken()
    {
        await using var run = new TestRun(
            folder.Path, TestRun.Stages(), [ListSource.Of("cot", 5), ListSource.Of("niv2", 5)], new RecordedTeacher()).Start();
        await run.ReadAsync(1);
        var (taken, refused) = (0, 0);
        for (var i = 0; i < 20; i++)
        {
            await run.Curriculum.SetMixtureAsync($"even-{i}", new Dictionary<string, double> { ["cot"] = 1, ["niv2"] = 1 }, Cancelled);
            var cot = run.Curriculum.SetMixtureAsync($"cot-{i}", new Dictionary<string, double> { ["cot"] = 0 }, Cancelled);
            var niv2 = run.Curriculum.SetMixtureAsync($"niv2-{i}", new Dictionary<string, double> { ["niv2"] = 0 }, Cancelled);
            taken += await Record.ExceptionAsync(() => cot) is null ? 1 : 0;
            refused += await Record.ExceptionAsync(() => niv2) is CommandRefusedException ? 1 : 0;
            Assert.Contains(run.Curriculum.Status.Mixture.Values, weight => weight > 0);
        }

        Assert.Equal((20, 20), (taken, refused));
        Assert.Equal(
            await run.Curriculum.SetMixtureAsync("cot-19", new Dictionary<string, double> { ["cot"] = 0 }, Cancelled),
            run.Curriculum.Status.Revision);
    }

    [Fact]
    public async Task A_command_that_was_done_is_answered_as_it_was_though_it_would_be_refused_now()
    {
        await using var run = new TestRun(
            folder.Path, TestRun.Stages(), [ListSource.Of("cot", 5), ListSource.Of("niv2", 5)], new RecordedTeacher()).Start();
        await run.ReadAsync(1);
        var cot = new Dictionary<string, double> { ["cot"] = 0 };
        var revision = await run.Curriculum.SetMixtureAsync("cot", cot, Cancelled);
        await run.Curriculum.SetMixtureAsync("back", new Dictionary<string, double> { ["cot"] = 1, ["niv2"] = 0 }, Cancelled);

        Assert.Equal(revision, await run.Curriculum.SetMixtureAsync("cot", cot, Cancelled));

        Assert.Equal((1, 0), (run.Curriculum.Status.Mixture["cot"], run.Curriculum.Status.Mixture["niv2"]));
    }

    [Fact]
    public async Task A_command_that_cannot_be_kept_is_refused_and_what_is_taught_goes_on()
    {
        await using (var store = TraceStore.Open(folder["traces.db"]))
        {
            StoreSql.Run(folder["traces.db"], "CREATE TRIGGER refuse BEFORE INSERT ON commands BEGIN SELECT RAISE(ABORT, 'disk full'); END");
        }

        // One write a commit, so that nothing else is refused with it.
        await using var run = new TestRun(
            folder.Path, TestRun.Stages(), [ListSource.Of("cot", 40)], new RecordedTeacher(), maxBatch: 1).Start();
        var failure = await Assert.ThrowsAsync<CommandRefusedException>(() => run.Curriculum.PauseAsync("p", Cancelled));

        Assert.Contains("disk full", failure.Message);
        Assert.Equal(40, (await run.ReadAsync(100)).Count);
        Assert.Equal((PausedWork.None, 0), (run.Curriculum.Status.Paused, run.Curriculum.Status.Revision));
    }

    [Fact]
    public async Task Commands_that_cannot_be_done_change_nothing_and_say_why()
    {
        await using var run = new TestRun(
            folder.Path, TestRun.Stages(), [ListSource.Of("cot", 5), ListSource.Of("niv2", 5)], new RecordedTeacher()).Start();
        var control = (ICurriculumControl)run.Curriculum;

        Assert.Contains(
            "'cto'",
            (await Refused(() => control.SetMixtureAsync("a", new Dictionary<string, double> { ["cto"] = 1 }, Cancelled))).Message);
        Assert.Contains(
            "-1", (await Refused(() => control.SetMixtureAsync("b", new Dictionary<string, double> { ["cot"] = -1 }, Cancelled))).Message);
        Assert.Contains("0", (await Refused(() => control.SetMixtureAsync(
            "c", new Dictionary<string, double> { ["cot"] = 0, ["niv2"] = 0 }, Cancelled))).Message);
        Assert.Contains("1,000,000", (await Refused(() => control.SetMixtureAsync(
            "d", new Dictionary<string, double> { ["cot"] = 1e308, ["niv2"] = 1e308 }, Cancelled))).Message);
        Assert.Contains("128", (await Refused(() => control.PauseAsync("", Cancelled))).Message);
        Assert.Contains("128", (await Refused(() => control.PauseAsync(new string('x', 129), Cancelled))).Message);
        await control.PauseAsync("same", Cancelled);
        Assert.Contains("'same'", (await Refused(() => control.ResumeAsync("same", Cancelled))).Message);
        Assert.Equal((1, PausedWork.Collecting), (control.Status.Revision, control.Status.Paused));
    }

    [Fact]
    public async Task A_mixture_decides_what_is_asked_from_then_on()
    {
        await using var run = new TestRun(
            folder.Path, TestRun.Stages(capacity: 4), [ListSource.Of("cot", 400), ListSource.Of("niv2", 400)],
            new RecordedTeacher(), new CollectionOptions { Credits = 8 }).Start();
        var even = await run.ReadAsync(200);
        await run.Curriculum.SetMixtureAsync("m", new Dictionary<string, double> { ["niv2"] = 0 }, Cancelled);
        await run.ReadAsync(4 + 8 + 2);
        var only = await run.ReadAsync(100);

        Assert.InRange(even.Count(lesson => lesson.Collection == "cot"), 70, 130);
        Assert.All(only, lesson => Assert.Equal("cot", lesson.Collection));
    }

    [Fact]
    public async Task Tasks_that_weigh_nothing_now_are_asked_when_the_mixture_wants_them_again()
    {
        await using var run = new TestRun(
            folder.Path, TestRun.Stages(maxReuses: null), [ListSource.Of("cot", 20), ListSource.Of("niv2", 20)],
            new RecordedTeacher()).Start();
        await run.Curriculum.SetMixtureAsync("m", new Dictionary<string, double> { ["niv2"] = 0 }, Cancelled);
        await run.ReadAsync(200);
        await run.Curriculum.SetMixtureAsync("n", new Dictionary<string, double> { ["niv2"] = 1, ["cot"] = 0 }, Cancelled);
        await run.ReadAsync(100);

        var later = await run.ReadAsync(100);

        Assert.All(later, lesson => Assert.Equal("niv2", lesson.Collection));
    }

    [Fact]
    public async Task Without_a_pipeline_it_teaches_what_is_stored()
    {
        await using (var first = new TestRun(folder.Path, TestRun.Stages(), [ListSource.Of("cot", 30)], new RecordedTeacher()).Start())
        {
            await first.ReadAsync(30);
        }

        await using var store = Streams.Storage.TraceStore.Open(folder["traces.db"]);
        var curriculum = new Curriculum(TestRun.Stages(), store, new WordEncoder());
        curriculum.EndOfCollection();
        var loop = curriculum.RunAsync(Cancelled);
        var lessons = new List<Lesson>();
        await foreach (var lesson in curriculum.Lessons.ReadAllAsync(Cancelled))
        {
            lessons.Add(lesson);
        }

        await loop;
        Assert.Equal(30, lessons.Count);
    }

    [Fact]
    public async Task A_shorter_sequence_after_a_restart_drops_and_counts_stored_traces_that_no_longer_fit()
    {
        await using (var first = new TestRun(folder.Path, TestRun.Stages(), [ListSource.Of("cot", 30)], new RecordedTeacher()).Start())
        {
            await first.ReadAsync(30);
        }

        await using var second = new TestRun(
            folder.Path, TestRun.Stages(maxReuses: null) with { MaxLessonTokens = 4 },
            [ListSource.Of("cot", 30)], new RecordedTeacher()).Start();

        Assert.Empty(await second.ReadAsync(10));
        Assert.Equal(30, second.Curriculum.Status.LessonsDropped);
    }

    [Fact]
    public async Task Other_settings_of_the_mixture_go_before_a_checkpoint_but_commands_go_before_the_same_settings()
    {
        await using var run = new TestRun(folder["one"], TestRun.Stages(), [ListSource.Of("cot", 50)], new RecordedTeacher()).Start();
        await run.Curriculum.SetMixtureAsync("m", new Dictionary<string, double> { ["cot"] = 3 }, Cancelled);
        var snapshot = run.Curriculum.Snapshot();

        await using var same = new TestRun(
            folder["two"], TestRun.Stages(), [ListSource.Of("cot", 50)], new RecordedTeacher(), snapshot: snapshot);
        await using var other = new TestRun(
            folder["three"],
            TestRun.Stages() with { Mixture = Mixture.Of([new("cot", 5)]) },
            [ListSource.Of("cot", 50)],
            new RecordedTeacher(),
            snapshot: snapshot);

        Assert.Equal((3, 5), (same.Curriculum.Status.Mixture["cot"], other.Curriculum.Status.Mixture["cot"]));
    }

    [Fact]
    public void Faulty_options_are_all_named_at_once()
    {
        var options = new CurriculumOptions
        {
            Stages =
            [
                new CurriculumStage { Name = "a", Teacher = "t" },
                new CurriculumStage { Name = "a", Teacher = "t", Lessons = 0 },
            ],
            LessonCapacity = 0,
            MaxLessonTokens = 1,
            MaxReuses = -1,
            MinReplay = 0,
        };

        Assert.Equal(7, options.Faults().Length);
        Assert.Empty(TestRun.Stages(assistant: 5).Faults());
    }

    private static Task<CommandRefusedException> Refused(Func<Task<long>> command) => Assert.ThrowsAsync<CommandRefusedException>(command);
}
