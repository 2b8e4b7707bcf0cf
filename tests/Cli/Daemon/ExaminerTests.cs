using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using Orca.Cli.Configuration;
using Orca.Cli.Daemon;
using Orca.Cli.Display;
using Orca.Evaluation.Protocols;
using Orca.Evaluation.Runs;
using Orca.Evaluation.Subjects;
using Orca.Serving.Requests;
using Orca.Streams.Answers;
using Orca.Streams.Tasks;

namespace Orca.Cli.Tests.Daemon;

public sealed class ExaminerTests : IDisposable
{
    private readonly string reports = Directory.CreateTempSubdirectory("orca-examiner-").FullName;

    private static readonly TaskQuery Question = new()
    {
        Id = TaskQuery.IdOf("c", "t", "1+1", null),
        Collection = "c",
        Task = "t",
        Prompt = "1+1",
        GoldAnswers = ["2"],
        AnswerKind = AnswerKind.Number,
    };

    public void Dispose() => Directory.Delete(reports, recursive: true);

    [Fact]
    public async Task Examinations_of_one_second_and_one_title_are_all_kept()
    {
        var clock = new FakeTimeProvider();
        using var monitor = new RunMonitor(clock);
        var examiner = new Examiner([Question], new Student(), new EvaluationSettings(), reports, monitor, clock);

        var kept = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => Task.Run(() => examiner.ExamineAsync("after", TestContext.Current.CancellationToken))));

        Assert.Equal(8, kept.DistinctBy(examination => examination.Folder).Count());
        Assert.All(kept, examination => Assert.Single(EvaluationFolder.Read(examination.Folder)));
    }

    // Samples are a look at training, and must never be what ends it.
    [Fact]
    public async Task A_sample_that_a_busy_server_refuses_is_left_out_and_the_next_is_taken()
    {
        var clock = new FakeTimeProvider();
        using var monitor = new RunMonitor(clock);
        using var stop = new CancellationTokenSource();
        var student = new Student(
            new RpcException(new Status(StatusCode.Unavailable, "no version")),
            new RpcException(new Status(StatusCode.ResourceExhausted, "the queue is full")),
            new GenerationException(Failure.QueueFull, "The queue is full."));
        var examiner = new Examiner(
            [Question], student, new EvaluationSettings { SampleEverySeconds = 30, SampleQuestions = 1 }, reports, monitor, clock);
        var sampling = examiner.SampleAsync(stop.Token);
        for (var wait = 0; student.Asked < 5 && wait < 1_000; wait++)
        {
            Assert.False(sampling.IsCompleted, $"{sampling.Exception}");
            clock.Advance(TimeSpan.FromSeconds(30));
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        await stop.CancelAsync();
        await sampling;
        Assert.Equal((5, 2L), (Math.Min(student.Asked, 5), monitor.Snapshot().Faults));
    }

    [Fact]
    public async Task An_examination_that_a_busy_server_refuses_asks_again()
    {
        var student = new Student(
            new RpcException(new Status(StatusCode.ResourceExhausted, "Tenant '' has 4 requests in flight, the most it may")),
            new GenerationException(Failure.QuotaExceeded, "as many as it may"));
        using var monitor = new RunMonitor(TimeProvider.System);
        var examiner = new Examiner([Question], student, new EvaluationSettings(), reports, monitor, TimeProvider.System);

        var report = await examiner.ExamineAsync("before", TestContext.Current.CancellationToken);

        Assert.Equal((1.0, 3), (report.Accuracy, student.Asked));
        Assert.Equal(report.Accuracy, Examiner.Earlier(reports, "before")!.Accuracy);
    }

    [Fact]
    public async Task A_server_that_refuses_for_a_minute_is_not_asked_for_ever()
    {
        var clock = new FakeTimeProvider();
        var full = new RpcException(new Status(StatusCode.ResourceExhausted, "the queue is full"));
        var student = new Student([.. Enumerable.Repeat(full, 1_000)]);
        using var monitor = new RunMonitor(clock);
        var examining = new Examiner([Question], student, new EvaluationSettings(), reports, monitor, clock)
            .ExamineAsync("before", TestContext.Current.CancellationToken);
        for (var wait = 0; !examining.IsCompleted && wait < 1_000; wait++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        var refusal = await Assert.ThrowsAsync<RpcException>(() => examining);
        Assert.True(PatientStudent.IsRefusal(refusal));
        Assert.InRange(student.Asked, 10, 100);
    }

    [Theory]
    [InlineData(StatusCode.InvalidArgument, false)]
    [InlineData(StatusCode.Unauthenticated, false)]
    [InlineData(StatusCode.Unavailable, true)]
    [InlineData(StatusCode.ResourceExhausted, true)]
    public void What_asking_again_cannot_mend_is_no_refusal(StatusCode status, bool isRefusal) =>
        Assert.Equal(isRefusal, PatientStudent.IsRefusal(new RpcException(new Status(status, "so"))));

    private sealed class Student(params Exception[] refusals) : ITextGenerator
    {
        private int asked;

        public int Asked => asked;

        public string Name => "scripted";

        public Task<GeneratedAnswer> GenerateAsync(Prompt prompt, CancellationToken cancellationToken) =>
            Interlocked.Increment(ref asked) is var turn && turn <= refusals.Length
                ? Task.FromException<GeneratedAnswer>(refusals[turn - 1])
                : Task.FromResult(new GeneratedAnswer("The answer is 2.", "1"));
    }
}
