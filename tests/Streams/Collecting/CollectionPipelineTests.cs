using System.Collections.Immutable;
using System.Reactive.Linq;
using System.Reactive.Threading.Tasks;
using CsCheck;
using Orca.Streams.Collecting;
using Orca.Streams.Curricula;
using Orca.Streams.Curricula.Lessons;
using Orca.Streams.Storage;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;
using Orca.Streams.Teachers.Budgets;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Collecting;

public sealed class CollectionPipelineTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private static PipelineStatistics Plain(PipelineStatistics statistics) =>
        statistics with { RejectedByScreen = ImmutableSortedDictionary<string, long>.Empty };

    [Fact]
    public async Task Every_query_of_a_finite_source_becomes_one_lesson()
    {
        await using var run = new TestRun(folder.Path, TestRun.Stages(), [ListSource.Of("cot", 100)], new RecordedTeacher()).Start();

        var lessons = await run.ReadAsync(1000);

        Assert.Equal(100, lessons.Select(lesson => lesson.RequestId).Distinct().Count());
        Assert.Equal(Enumerable.Range(1, 100).Select(number => (long)number), lessons.Select(lesson => lesson.Ordinal));
        Assert.Equal(100, run.Store.Counts.Accepted);
        Assert.Equal((100, 100, 0), (run.Statistics.Queries, run.Statistics.Kept, run.Statistics.InFlight));
    }

    [Fact]
    public async Task A_question_that_was_given_up_in_a_stage_that_is_over_is_asked_again_in_the_next_run()
    {
        var isMended = false;
        var teacher = new FakeTeacher((request, _) => request is { Stage: "assistant", Query.GoldAnswers: ["7"] } && !isMended
            ? throw new TeacherException("odd") { Fault = TeacherFault.Unclear }
            : Task.FromResult(request.Query.Explanation!));
        for (var start = 0; start < 3; start++)
        {
            isMended = start > 0;
            await using var run = new TestRun(folder.Path, TestRun.Stages(assistant: 100), [ListSource.Of("cot", 20)], teacher).Start();
            await run.ReadAsync(1000);
            await run.PipelineLoop;

            Assert.Equal(start == 0 ? 39 : 40, run.Store.Counts.Accepted);
            Assert.Equal(start switch { 0 => 40, 1 => 1, _ => 0 }, run.Statistics.Asked);
        }
    }

    [Fact]
    public async Task Out_of_money_it_stores_what_is_answered_leaves_the_others_open_and_ends_the_stage_or_the_run()
    {
        foreach (var (scope, end, kept) in new[]
                 {
                     (BudgetScope.Run, CollectionEnd.BudgetSpent, 10), (BudgetScope.Stage, CollectionEnd.QuestionsUsedUp, 30),
                 })
        {
            using var place = new TemporaryFolder();
            var budget = new Budget(scope, scope == BudgetScope.Stage ? "assistant" : "", 1);
            var answered = 0;
            var teacher = new FakeTeacher((request, _) => request.Stage == "assistant" && Interlocked.Increment(ref answered) > 10
                ? throw new TeacherException("no money") { Fault = TeacherFault.Settings, SpentBudget = budget }
                : Task.FromResult(request.Query.Explanation!));
            await using var run = new TestRun(place.Path, TestRun.Stages(assistant: 100), [ListSource.Of("cot", 20)], teacher);
            var told = new List<PipelineEvent>();
            run.Pipeline.Events.Subscribe(told.Add);
            run.Start();
            await run.ReadAsync(1000);

            Assert.Equal(end, await (Task<CollectionEnd>)run.PipelineLoop);
            Assert.Equal((kept, 0), (run.Statistics.Kept, run.Statistics.InFlight));
            Assert.Equal("no money", Assert.Single(told.OfType<BudgetUsedUp>()).Message);
        }
    }

    [Fact]
    public async Task Pitfall_3_Queries_in_equal_traces_kept_rejected_and_failed_whatever_happens_at_once() =>
        await Gen.Select(Gen.Int[1, 40], Gen.Int[1, 30], Gen.Bool, Gen.UInt).SampleAsync(
            async (credits, capacity, inOrder, seed) =>
            {
                using var place = new TemporaryFolder();
                var random = new Random((int)seed);
                var teacher = new FakeTeacher(
                    async (request, cancellationToken) =>
                    {
                        int dice;
                        lock (random)
                        {
                            dice = random.Next(4);
                        }

                        await (dice switch { 0 => Task.Yield().ToTask(), 1 => Task.Delay(1, cancellationToken), _ => Task.CompletedTask });
                        var number = int.Parse(request.Query.GoldAnswers[0]);
                        return (number % 10) switch
                        {
                            0 => "The answer is wrong.",
                            1 => " ",
                            2 => throw new TeacherException("too long") { Fault = TeacherFault.Request },
                            _ => request.Query.Explanation!,
                        };
                    },
                    inOrder);
                var options = new CollectionOptions { Credits = credits };
                await using var run = new TestRun(
                    place.Path, TestRun.Stages(capacity: capacity), [ListSource.Of("cot", 100)], teacher, options).Start();

                var lessons = await run.ReadAsync(1000);
                await run.PipelineLoop;

                var end = run.Statistics;
                Assert.Equal((100, 70, 20, 10, 0), (end.Queries, end.Kept, end.Rejected, end.Failed, end.InFlight));
                Assert.Equal((10, 10), (end.RejectedByScreen["gold-answer"], end.RejectedByScreen["empty"]));
                Assert.Equal((70, 20, 10), (run.Store.Counts.Accepted, run.Store.Counts.Rejected, run.Store.Counts.Failed));
                Assert.Equal(70, lessons.Select(lesson => lesson.RequestId).Distinct().Count());
                Assert.Equal(70, lessons.Count);
                Assert.Equal((100, 0), (end.Asked, end.TeacherFailures));
                Assert.True(teacher.MostAtOnce <= credits, $"{teacher.MostAtOnce} at once");
            },
            iter: 25,
            threads: 1);

    [Fact]
    public async Task A_trainer_that_does_not_read_stops_everything_upstream()
    {
        var source = ListSource.Of("cot", 10_000);
        var options = new CollectionOptions { Credits = 20 };
        await using var run = new TestRun(folder.Path, TestRun.Stages(capacity: 8), [source], new RecordedTeacher(), options).Start();

        await Patience.Until(() => run.Curriculum.Status is { TracesWaiting: >= 28 });
        await Task.Delay(50, TestContext.Current.CancellationToken);

        // As many as may wait, and one for each credit.
        Assert.Equal(8 + 20, source.Drawn);
        var before = source.Drawn;
        await run.ReadAsync(30);
        await Patience.Until(() => source.Drawn >= before + 25);
        Assert.InRange(source.Drawn, before + 25, before + 30);
    }

    [Fact]
    public async Task With_a_deterministic_teacher_lessons_come_in_the_order_of_the_queries_whatever_answers_first()
    {
        var random = new Random(3);
        var teacher = new FakeTeacher(
            async (request, cancellationToken) =>
            {
                int delay;
                lock (random)
                {
                    delay = random.Next(5);
                }

                await Task.Delay(delay, cancellationToken);
                return request.Query.Explanation!;
            },
            isDeterministic: true);
        var options = new CollectionOptions { Credits = 30 };
        await using var run = new TestRun(folder.Path, TestRun.Stages(), [ListSource.Of("cot", 150)], teacher, options).Start();

        var lessons = await run.ReadAsync(150);

        var expected = Enumerable.Range(0, 150).Select(number => Questions.Of("cot", $"cot question {number}", $"{number}").Id);
        Assert.Equal(expected, lessons.Select(lesson => run.Store.Find(lesson.RequestId)!.Answer!.Request.Query.Id));
        Assert.InRange(teacher.MostAtOnce, 5, 30);
    }

    [Fact]
    public async Task A_teacher_without_order_hands_lessons_over_as_they_are_answered()
    {
        var first = new TaskCompletionSource();
        var teacher = new FakeTeacher(async (request, _) =>
        {
            if (request.Query.GoldAnswers[0] == "0")
            {
                await first.Task;
            }

            return request.Query.Explanation!;
        });
        await using var run = new TestRun(folder.Path, TestRun.Stages(), [ListSource.Of("cot", 20)], teacher).Start();

        var early = await run.ReadAsync(19);
        first.SetResult();
        var late = await run.ReadAsync(10);

        Assert.DoesNotContain(early, lesson => run.Store.Find(lesson.RequestId)!.Answer!.Request.Query.GoldAnswers[0] == "0");
        Assert.Single(late);
    }

    [Fact]
    public async Task A_teacher_that_is_given_up_ends_the_run_and_the_query_is_asked_in_the_next_run()
    {
        var down = new FakeTeacher(
            (_, _) => throw new TeacherException("The teacher at http://x cannot be reached; check that it runs."), isDeterministic: true);
        var first = new TestRun(folder.Path, TestRun.Stages(), [ListSource.Of("cot", 50)], down).Start();
        var failure = await Assert.ThrowsAsync<TeacherException>(() => first.PipelineLoop);
        Assert.Contains("http://x", failure.Message);
        await first.KillAsync();

        await using var second = new TestRun(folder.Path, TestRun.Stages(), [ListSource.Of("cot", 50)], new RecordedTeacher()).Start();
        Assert.Equal(50, (await second.ReadAsync(100)).Count);
    }

    [Fact]
    public async Task Faulty_settings_of_the_teacher_end_the_run_even_after_answers()
    {
        var asked = 0;
        var teacher = new FakeTeacher((request, _) => Interlocked.Increment(ref asked) > 20
            ? throw new TeacherException("key expired") { Fault = TeacherFault.Settings }
            : Task.FromResult(request.Query.Explanation!));
        var run = new TestRun(folder.Path, TestRun.Stages(capacity: 100), [ListSource.Of("cot", 50)], teacher).Start();

        await Assert.ThrowsAsync<TeacherException>(() => run.PipelineLoop);

        Assert.True(run.Store.Counts.Failed == 0);
        await run.KillAsync();
    }

    [Fact]
    public async Task Cancelled_it_stores_what_was_answered_and_the_next_run_asks_only_the_rest()
    {
        var teacher = new FakeTeacher(async (request, cancellationToken) =>
        {
            await Task.Delay(1, cancellationToken);
            return request.Query.Explanation!;
        });
        var first = new TestRun(folder.Path, TestRun.Stages(capacity: 20), [ListSource.Of("cot", 200)], teacher).Start();
        await first.ReadAsync(40);
        await first.StopAsync();
        var end = first.Statistics;
        Assert.Equal(0, end.InFlight);
        Assert.Equal(end.Queries, end.Kept);
        await first.DisposeAsync();

        var again = new FakeTeacher((request, _) => Task.FromResult(request.Query.Explanation!));
        await using var second = new TestRun(folder.Path, TestRun.Stages(capacity: 20), [ListSource.Of("cot", 200)], again).Start();
        var lessons = await second.ReadAsync(1000);

        Assert.Equal(200, lessons.Select(lesson => lesson.RequestId).Distinct().Count());
        Assert.Equal(200 - end.Kept, again.Asked.Count);
    }

    [Fact]
    public async Task A_verdict_that_could_not_be_written_is_passed_by_no_position_and_written_in_the_next_run()
    {
        await using (var store = TraceStore.Open(folder["traces.db"]))
        {
            StoreSql.Run(
                folder["traces.db"],
                "CREATE TRIGGER refuse BEFORE INSERT ON verdicts WHEN NEW.request = 8 BEGIN SELECT RAISE(ABORT, 'disk full'); END");
        }

        var first = new TestRun(folder.Path, TestRun.Stages(capacity: 100), [ListSource.Of("cot", 40)], new RecordedTeacher(), maxBatch: 1).Start();
        await Assert.ThrowsAsync<TraceStoreException>(() => first.PipelineLoop);
        await first.KillAsync();
        StoreSql.Run(folder["traces.db"], "DROP TRIGGER refuse");

        await using var second = new TestRun(folder.Path, TestRun.Stages(), [ListSource.Of("cot", 40)], new RecordedTeacher()).Start();

        Assert.Equal(40, (await second.ReadAsync(100)).Select(lesson => lesson.RequestId).Distinct().Count());
    }

    [Fact]
    public async Task A_question_that_comes_twice_is_asked_once()
    {
        var queries = Enumerable.Range(0, 60).Select(number => Questions.Of("cot", $"question {number % 20}", $"{number % 20}")).ToList();
        var teacher = new FakeTeacher((request, _) => Task.FromResult(request.Query.Explanation!));
        await using var run = new TestRun(folder.Path, TestRun.Stages(), [new ListSource("cot", queries)], teacher).Start();

        Assert.Equal(20, (await run.ReadAsync(100)).Count);
        Assert.Equal((20, 60, 40), (teacher.Asked.Count, run.Statistics.Queries, run.Statistics.Skipped));
    }

    [Fact]
    public async Task A_stage_of_a_length_gets_exactly_so_many_lessons_though_answers_are_rejected()
    {
        var teacher = new FakeTeacher(
            (request, _) => Task.FromResult(int.Parse(request.Query.GoldAnswers[0]) % 3 == 0 ? "wrong" : request.Query.Explanation!),
            isDeterministic: true);
        await using var run = new TestRun(folder.Path, TestRun.Stages(assistant: 40), [ListSource.Of("cot", 90)], teacher).Start();

        var lessons = await run.ReadAsync(1000);

        Assert.All(lessons.Take(40), lesson => Assert.Equal("assistant", lesson.Stage));
        Assert.All(lessons.Skip(40), lesson => Assert.Equal("expert", lesson.Stage));
        Assert.Equal(60, lessons.Count - 40);
        Assert.Equal(40, run.Store.Counts.AcceptedByStage["assistant"]);
    }

    [Fact]
    public async Task Lessons_longer_than_the_sequence_and_answers_without_tokens_are_counted_and_dropped()
    {
        var teacher = new FakeTeacher((request, _) => Task.FromResult(int.Parse(request.Query.GoldAnswers[0]) switch
        {
            < 10 => string.Join(' ', Enumerable.Repeat("word", 100)) + " The answer is " + request.Query.GoldAnswers[0],
            < 15 => "\u00a0",
            _ => request.Query.Explanation!,
        }));
        var screens = Streams.Screening.ScreenSet.Of([]);
        await using var run = new TestRun(
            folder.Path, TestRun.Stages() with { MaxLessonTokens = 100 }, [ListSource.Of("cot", 40)], teacher, screens: screens).Start();

        Assert.Equal(25, (await run.ReadAsync(100)).Count);
        Assert.Equal(10, run.Statistics.RejectedByScreen[LessonMaker.TooLong]);
        Assert.Equal(5, run.Curriculum.Status.RejectedByScreen[LessonMaker.Empty]);
    }

    [Fact]
    public async Task Listeners_hear_every_query_from_ask_to_end()
    {
        var events = new List<PipelineEvent>();
        await using var run = new TestRun(folder.Path, TestRun.Stages(), [ListSource.Of("cot", 30)], new RecordedTeacher());
        using var subscription = run.Pipeline.Events.Subscribe(events.Add);
        run.Start();

        await run.ReadAsync(100);
        await run.PipelineLoop;

        Assert.Equal(30, events.OfType<TeacherAsked>().Count());
        Assert.Equal(30, events.OfType<TraceKept>().Count());
        Assert.Equal(["expert"], events.OfType<StageOpened>().Select(opened => opened.Stage));
        Assert.IsType<StageCollected>(events[^1]);
    }

    [Fact]
    public async Task What_is_counted_is_made_of_the_events_that_are_told_and_of_nothing_else()
    {
        var teacher = new FakeTeacher((request, _) => Task.FromResult(
            int.Parse(request.Query.GoldAnswers[0]) % 4 == 0 ? "The answer is wrong." : request.Query.Explanation!));
        await using var run = new TestRun(folder.Path, TestRun.Stages(), [ListSource.Of("cot", 40)], teacher);
        var told = run.Pipeline.Events.Aggregate(new PipelineStatistics(), (total, one) => total.After(one)).ToTask(
            TestContext.Current.CancellationToken);

        await run.Start().ReadAsync(100);
        await run.PipelineLoop;

        Assert.Equal(Plain(run.Statistics), Plain(await told));
        Assert.Equal(run.Statistics.RejectedByScreen, (await told).RejectedByScreen);
        Assert.Equal((40, 30, 10, 0.040m), (run.Statistics.Queries, run.Statistics.Kept, run.Statistics.Rejected, run.Statistics.Cost));
    }

    [Fact]
    public async Task Many_credits_in_order_are_no_deep_recursion()
    {
        var gate = new TaskCompletionSource();
        var teacher = new FakeTeacher(
            async (request, _) =>
            {
                if (request.Query.GoldAnswers[0] == "0")
                {
                    await gate.Task;
                }

                return request.Query.Explanation!;
            },
            isDeterministic: true);
        var options = new CollectionOptions { Credits = 4096 };
        await using var run = new TestRun(folder.Path, TestRun.Stages(capacity: 5000), [ListSource.Of("cot", 4096)], teacher, options).Start();
        await Patience.Until(() => teacher.Asked.Count == 4096);
        await Task.Delay(50, TestContext.Current.CancellationToken);

        gate.SetResult();

        Assert.Equal(4096, (await run.ReadAsync(5000)).Count);
    }
}

internal static class Yields
{
    public static async Task ToTask(this System.Runtime.CompilerServices.YieldAwaitable yielded) => await yielded;
}
