using System.Collections.Immutable;
using Orca.Streams.Collecting;
using Orca.Streams.Curricula;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Screening;
using Orca.Streams.Storage;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Curricula;

/// <summary>What was once wrong with the curriculum and its control, each by itself.</summary>
public sealed class FormerFaultTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Fault_1_Where_nobody_is_taught_a_stage_collects_as_many_as_it_lasts_and_repeats_count_nothing()
    {
        var options = TestRun.Stages(expert: 300, maxReuses: 3) with { MinReplay = 16, ReplayRatio = 2 };
        await using var store = TraceStore.Open(folder["traces.db"]);
        await using var sampler = new TaskSampler([ListSource.Of("cot", 1_000)]);
        var teacher = new FakeTeacher((request, _) => Task.FromResult(request.Query.Explanation!));
        var curriculum = new Curriculum(options, store, encoder: null);
        var pipeline = new CollectionPipeline(
            sampler, new SystemMessages(SystemMessages.BuiltIn), new Dictionary<string, ITeacher> { ["expert"] = teacher }, ScreenSet.All,
            store, options.Stages, curriculum.Bus);
        var counting = curriculum.RunAsync(Cancelled);

        await pipeline.RunAsync(Cancelled);
        await counting;

        Assert.Equal((300, 300), (store.Counts.Accepted, teacher.Asked.Count));
        Assert.Equal((300, 0), (curriculum.Status.StageLessons, curriculum.Status.LessonsReplayed));
    }

    [Fact]
    public async Task Fault_2_Rows_of_a_JSON_file_are_weighed_by_the_collection_that_their_lessons_have()
    {
        var path = folder["rows.jsonl"];
        await File.WriteAllLinesAsync(path, Enumerable.Range(0, 400).Select(number =>
            $$"""{"id": "{{(number % 2 == 0 ? "cot" : "flan")}}.{{number}}", "system_prompt": "", "question": "Row {{number}}?", "response": "It is {{number}}."}"""),
            Cancelled);
        var sources = TaskSpec.Of($"jsonl:{path}").Open();
        var collections = sources.Select(source => source.Collection).ToList();
        Assert.Equal(["cot", "flan2021"], collections.Order());
        await using var run = new TestRun(
            folder["run"], TestRun.Stages(maxReuses: null, capacity: 64), sources, new RecordedTeacher()).Start();
        Assert.Equal(["cot", "flan2021"], (await run.ReadAsync(100)).Select(lesson => lesson.Collection).Distinct().Order());

        await run.Curriculum.ApplyAsync(
            "m", new MixtureCommand(ImmutableSortedDictionary<string, double>.Empty.Add("flan2021", 0)), Cancelled);

        Assert.All(await run.ReadAsync(500), lesson => Assert.Equal("cot", lesson.Collection));
        await Assert.ThrowsAsync<CommandRefusedException>(() => run.Curriculum.ApplyAsync(
            "n", new MixtureCommand(ImmutableSortedDictionary<string, double>.Empty.Add("jsonl", 0)), Cancelled));
    }

    [Fact]
    public async Task Fault_6_A_mixture_acts_on_the_next_lesson_whatever_waits()
    {
        await using var run = new TestRun(
            folder.Path, TestRun.Stages(maxReuses: null, capacity: 256), [ListSource.Of("cot", 2_000), ListSource.Of("niv2", 2_000)],
            new FakeTeacher((request, _) => Task.FromResult(request.Query.Explanation!))).Start();
        await run.ReadAsync(10);
        await Patience.Until(() => run.Curriculum.Status.TracesWaiting >= 256);

        await run.Curriculum.ApplyAsync(
            "m", new MixtureCommand(ImmutableSortedDictionary<string, double>.Empty.Add("niv2", 0)), Cancelled);

        Assert.All(await run.ReadAsync(200), lesson => Assert.Equal("cot", lesson.Collection));
    }

    [Fact]
    public async Task Fault_7_A_lesson_is_chosen_when_it_is_asked_for_and_none_lies_ready_before()
    {
        await using var run = new TestRun(
            folder.Path, TestRun.Stages(capacity: 256), [ListSource.Of("cot", 2_000)], new RecordedTeacher()).Start();
        await Patience.Until(() => run.Curriculum.Status.TracesWaiting >= 256);

        Assert.Equal(0, run.Curriculum.Status.LessonsDelivered);
        await run.ReadAsync(10);
        Assert.Equal((10, 0), (run.Curriculum.Status.LessonsDelivered, run.Curriculum.Lessons.Count));
    }
}
