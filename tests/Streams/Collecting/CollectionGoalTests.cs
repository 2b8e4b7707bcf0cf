using System.Reactive.Linq;
using CsCheck;
using Orca.Streams.Bus;
using Orca.Streams.Collecting;
using Orca.Streams.Curricula;
using Orca.Streams.Screening;
using Orca.Streams.Storage;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Collecting;

public sealed class CollectionGoalTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Exactly_so_many_traces_are_accepted_whatever_is_rejected_and_however_many_are_asked_at_once() =>
        await Gen.Select(Gen.Int[1, 60], Gen.Int[1, 30], Gen.Int[0, 9], Gen.Bool).SampleAsync(
            async (accept, credits, rejectedOfTen, inOrder) =>
            {
                using var place = new TemporaryFolder();
                var run = await CollectAsync(place, new CollectionGoal { Accept = accept }, credits, rejectedOfTen, inOrder);
                var possible = Enumerable.Range(0, 200).Count(number => number % 10 >= rejectedOfTen);
                Assert.Equal(Math.Min(accept, possible), run.Counts.Accepted);
                Assert.Equal(accept <= possible ? CollectionEnd.GoalReached : CollectionEnd.QuestionsUsedUp, run.End);
            },
            iter: 20,
            threads: 1);

    [Fact]
    public async Task No_more_candidates_come_to_an_end_than_may()
    {
        var run = await CollectAsync(folder, new CollectionGoal { Accept = 50, Candidates = 30 }, credits: 16, rejectedOfTen: 5);

        Assert.Equal((CollectionEnd.CandidatesUsedUp, 30L, 15L), (run.End, run.Counts.Settled, run.Counts.Accepted));
    }

    [Fact]
    public async Task Interrupted_again_and_again_it_goes_on_to_exactly_the_same_goal()
    {
        var goal = new CollectionGoal { Accept = 70 };
        var (end, starts, asked) = (CollectionEnd.Cancelled, 0, new List<string>());
        for (; end == CollectionEnd.Cancelled; starts++)
        {
            (end, _, var now) = await CollectAsync(folder, goal, credits: 8, rejectedOfTen: 3, stopAfter: 20);
            asked.AddRange(now);
        }

        var last = await CollectAsync(folder, goal, credits: 8, rejectedOfTen: 3);

        Assert.InRange(starts, 3, 20);
        Assert.Equal((CollectionEnd.GoalReached, 70L), (last.End, last.Counts.Accepted));
        Assert.Empty(last.Asked);
    }

    [Fact]
    public async Task A_higher_goal_on_the_same_folder_asks_only_for_the_rest()
    {
        await CollectAsync(folder, new CollectionGoal { Accept = 20 }, credits: 8, rejectedOfTen: 0);

        var more = await CollectAsync(folder, new CollectionGoal { Accept = 33 }, credits: 8, rejectedOfTen: 0);

        Assert.Equal((CollectionEnd.GoalReached, 33L, 13), (more.End, more.Counts.Accepted, more.Asked.Count));
    }

    [Fact]
    public async Task Without_a_student_each_accepted_trace_is_one_lesson_of_its_stage_and_the_curriculum_ends_with_the_last()
    {
        var stages = TestRun.Stages(assistant: 30, expert: 20, maxReuses: 3);

        var run = await CollectAsync(folder, new CollectionGoal(), credits: 8, rejectedOfTen: 3, stages: stages);

        Assert.Equal(CollectionEnd.StagesFilled, run.End);
        Assert.Equal((30L, 20L), (run.Counts.AcceptedByStage["assistant"], run.Counts.AcceptedByStage["expert"]));
    }

    private static async Task<(CollectionEnd End, StoreCounts Counts, List<string> Asked)> CollectAsync(
        TemporaryFolder folder, CollectionGoal goal, int credits, int rejectedOfTen, bool inOrder = false, int stopAfter = int.MaxValue,
        CurriculumOptions? stages = null)
    {
        stages ??= TestRun.Stages();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var count = 0;
        var teacher = new FakeTeacher(
            async (request, cancellationToken) =>
            {
                await Task.Yield();
                if (Interlocked.Increment(ref count) >= stopAfter)
                {
                    // No answer after the stop, however late the pipeline's threads hear of it.
                    await stop.CancelAsync();
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                }

                return int.Parse(request.Query.GoldAnswers[0]) % 10 < rejectedOfTen ? "The answer is wrong." : request.Query.Explanation!;
            },
            inOrder);
        await using var store = TraceStore.Open(
            folder["traces.db"], new TraceStoreOptions { Durability = Durability.ProcessDeath });
        await using var sampler = new TaskSampler([ListSource.Of("cot", 200)], new SamplerOptions { Seed = 5 });
        var curriculum = new Curriculum(stages, store, encoder: null);
        var teachers = stages.Stages.ToDictionary(stage => stage.Teacher, ITeacher (_) => teacher);
        var pipeline = new CollectionPipeline(
            sampler, new SystemMessages(SystemMessages.BuiltIn), teachers, ScreenSet.All, store, stages.Stages, curriculum.Bus,
            new CollectionOptions { Goal = goal, Credits = credits });

        using var leave = new CancellationTokenSource();
        var counting = curriculum.RunAsync(leave.Token);
        var end = await pipeline.RunAsync(stop.Token);
        if (end == CollectionEnd.Cancelled)
        {
            await leave.CancelAsync();
        }

        await counting.WaitAsync(TimeSpan.FromSeconds(30), Cancelled);
        Assert.Equal(0, (await pipeline.Statistics.FirstAsync()).InFlight);
        return (end, store.Counts, teacher.Asked);
    }
}
