using Microsoft.Data.Sqlite;
using Orca.Streams.Screening;
using Orca.Streams.Storage;
using Orca.Streams.Teachers;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Storage;

/// <summary>What a setting rejected is judged again when the setting has changed, from the store, without a call.</summary>
public sealed class ScreenAgainTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string FilePath => folder["traces.db"];

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Lesson_length_is_no_rejection_for_ever_a_longer_sequence_brings_the_paid_answers_back()
    {
        var teacher = new FakeTeacher((request, _) => Task.FromResult(request.Query.Explanation!));
        var stages = TestRun.Stages();
        await using (var tooShort = new TestRun(
                         folder.Path, stages with { MaxLessonTokens = 5 }, [ListSource.Of("cot", 20)], teacher).Start())
        {
            Assert.Empty(await tooShort.ReadAsync(100));
            Assert.Equal(20, tooShort.Store.Counts.RejectedByScreen["lesson-length"]);
        }

        await using var longer = new TestRun(folder.Path, stages, [ListSource.Of("cot", 20)], teacher).Start();

        Assert.Equal(new ScreenedAgain(20, 20), longer.ScreenedAgain);
        Assert.Equal(20, (await longer.ReadAsync(100)).Select(lesson => lesson.RequestId).Distinct().Count());
        Assert.Equal(20, teacher.Asked.Count);
        Assert.Equal((20, 0), (longer.Store.Counts.Accepted, longer.Store.Counts.Rejected));
    }

    [Fact]
    public async Task A_screen_that_is_switched_off_or_loosened_gives_back_what_it_rejected_and_one_that_is_not_keeps_it()
    {
        await using (var store = TraceStore.Open(FilePath))
        {
            var screens = ScreenSet.Of(ScreenSet.Names, KeyValuePair.Create("length", 40.0));
            await StoreAsync(store, screens, "cut", "The answer is 7.", TeacherFinish.Unknown);
            await StoreAsync(store, screens, "long", "The answer is 7. " + new string('x', 40), TeacherFinish.Stop);
            await StoreAsync(store, screens, "wrong", "The answer is 8.", TeacherFinish.Stop);
            await StoreAsync(store, screens, "good", "The answer is 7.", TeacherFinish.Stop);
            Assert.Equal(new ScreenedAgain(0, 0), await store.ScreenAgainAsync(screens, cancellationToken: Cancelled));
        }

        var changed = ScreenSet.Of(["empty", "length", "gold-answer"], KeyValuePair.Create("length", 400.0));
        await using var again = TraceStore.Open(FilePath);

        Assert.Equal(new ScreenedAgain(2, 2), await again.ScreenAgainAsync(changed, cancellationToken: Cancelled));
        Assert.Equal(["good", "cut", "long"], again.Accepted("assistant", 0, 10).Select(trace => trace.Trace.Request.Query.Prompt));
        Assert.Equal([0L, 1, 2], again.Accepted("assistant", 0, 10).Select(trace => trace.Place));
        Assert.Equal((3, 1), (again.Counts.Accepted, again.Counts.RejectedByScreen["gold-answer"]));
        Assert.Equal(new ScreenedAgain(0, 0), await again.ScreenAgainAsync(changed, cancellationToken: Cancelled));
        Assert.Equal(new ScreenedAgain(1, 0), await again.ScreenAgainAsync(changed, everyRejection: true, Cancelled));
    }

    [Fact]
    public async Task What_is_rejected_again_is_rejected_by_the_settings_in_force_and_what_was_found_before_is_kept()
    {
        await using (var store = TraceStore.Open(FilePath))
        {
            await StoreAsync(store, ScreenSet.Of(ScreenSet.Names, KeyValuePair.Create("length", 10.0)), "long", "The answer is 8.", TeacherFinish.Stop);
            Assert.Equal(new ScreenedAgain(1, 0), await store.ScreenAgainAsync(ScreenSet.All, cancellationToken: Cancelled));
            Assert.Equal(new ScreenedAgain(0, 0), await store.ScreenAgainAsync(ScreenSet.All, cancellationToken: Cancelled));
            Assert.Equal(1, store.Counts.RejectedByScreen["gold-answer"]);
            Assert.False(store.Counts.RejectedByScreen.ContainsKey("length"));
        }

        using var connection = new SqliteConnection($"Data Source={FilePath};Pooling=False");
        connection.Open();
        Assert.Equal("gold-answer", connection.Scalar("SELECT screen FROM verdicts"));
        Assert.Equal("length", connection.Scalar("SELECT screen FROM former_verdicts"));
    }

    [Fact]
    public async Task What_a_screen_failed_on_is_judged_again_at_each_start_and_written_once()
    {
        await using (var store = TraceStore.Open(FilePath))
        {
            var failing = ScreenSet.Of([]).With(new FailingScreen());
            await StoreAsync(store, failing, "odd", "The answer is 7.", TeacherFinish.Stop);
            Assert.Equal(new ScreenedAgain(1, 0), await store.ScreenAgainAsync(failing, cancellationToken: Cancelled));
            Assert.Equal(new ScreenedAgain(1, 1), await store.ScreenAgainAsync(ScreenSet.All, cancellationToken: Cancelled));
        }

        using var connection = new SqliteConnection($"Data Source={FilePath};Pooling=False");
        connection.Open();
        Assert.Equal(1L, connection.Scalar("SELECT count(*) FROM former_verdicts"));
    }

    [Fact]
    public async Task More_rejections_than_are_judged_at_once_come_back_each_once()
    {
        await using var store = TraceStore.Open(FilePath);
        var none = ScreenSet.Of(ScreenSet.Names, KeyValuePair.Create("length", 1.0));
        await Task.WhenAll(Enumerable.Range(0, 600).Select(
            number => StoreAsync(store, none, $"q{number}", number % 3 == 0 ? "The answer is 8." : "The answer is 7.", TeacherFinish.Stop)));

        Assert.Equal(new ScreenedAgain(600, 400), await store.ScreenAgainAsync(ScreenSet.All, cancellationToken: Cancelled));

        Assert.Equal(400, store.Accepted("assistant", 0, 1000).Select(trace => trace.Trace.Request.Id).Distinct().Count());
        Assert.Equal(200, store.Counts.Rejected);
    }

    private static async Task StoreAsync(TraceStore store, ScreenSet screens, string prompt, string response, TeacherFinish finish)
    {
        var trace = Questions.Trace(prompt, response, finish);
        var key = await store.AskAsync(trace.Request, Cancelled);
        await store.AnswerAsync(key, trace, Cancelled);
        await store.SettleAsync(key, screens.Judge(trace), cancellationToken: Cancelled);
    }

    private sealed class FailingScreen : IScreen
    {
        public string Name => "failing";

        public string Settings => "failing 1";

        public double DefaultLimit => 0;

        public Measurement Measure(Trace trace) => throw new FormatException("an odd answer");
    }
}
