using Orca.Streams.Collecting;
using Orca.Streams.Storage;
using Orca.Streams.Tasks;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Collecting;

/// <summary>What went wrong in other collectors, by the numbers of docs/pitfalls.md; the rest is in EndToEnd.</summary>
public sealed class CollectionPitfallTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(0, 0)]
    [InlineData(20, 0)]
    [InlineData(20, 10)]
    public async Task Pitfall_4_It_ends_with_nothing_in_flight_where_there_is_nothing_to_ask_to_keep_or_to_hand_over(int questions, int kept)
    {
        var teacher = new FakeTeacher((request, _) => Task.FromResult(
            int.Parse(request.Query.GoldAnswers[0]) < kept ? request.Query.Explanation! : " "));
        await using var run = new TestRun(folder.Path, TestRun.Stages(capacity: 64), [ListSource.Of("cot", questions)], teacher).Start();

        // Nobody reads a lesson, and it ends all the same.
        await run.PipelineLoop.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.Equal((questions, kept, questions - kept, 0), Counts(run.Statistics));
    }

    [Fact]
    public async Task Pitfall_5_After_the_questions_were_put_in_another_order_every_stored_answer_is_still_its_questions_own()
    {
        var questions = Enumerable.Range(0, 60).Select(number => Questions.Of("cot", $"question {number}", $"{number}")).ToList();
        var asked = await AskAsync(questions, new CollectionGoal { Accept = 25 });
        questions.Reverse();

        asked.AddRange(await AskAsync(questions, new CollectionGoal()));

        Assert.Distinct(asked);
        await using var store = TraceStore.Open(folder["traces.db"]);
        var accepted = store.Accepted("expert", 0, 100);
        Assert.Equal(asked.Count, accepted.Length);
        Assert.All(accepted, trace => Assert.Equal(
            trace.Trace.Request.Query.Explanation, $"The answer is {trace.Trace.Request.Query.Prompt["question ".Length..]}."));
        Assert.All(accepted, trace => Assert.Equal(trace.Trace.Request.Query.Explanation, trace.Trace.Response));
    }

    private static (long, long, long, long) Counts(PipelineStatistics now) => (now.Queries, now.Kept, now.Rejected, now.InFlight);

    private async Task<List<string>> AskAsync(IReadOnlyList<TaskQuery> questions, CollectionGoal goal)
    {
        var teacher = new FakeTeacher((request, _) => Task.FromResult($"The answer is {request.Query.Prompt["question ".Length..]}."));
        await using var run = new TestRun(
            folder.Path, TestRun.Stages(capacity: 64), [new ListSource("cot", questions)], teacher, new CollectionOptions { Goal = goal });
        run.Start();
        await run.PipelineLoop;
        return teacher.Asked;
    }
}
