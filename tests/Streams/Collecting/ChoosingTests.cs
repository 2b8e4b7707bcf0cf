using System.Collections.Immutable;
using Orca.Streams.Collecting;
using Orca.Streams.Curricula;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Screening;
using Orca.Streams.Sieves;
using Orca.Streams.Storage;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Collecting;

/// <summary>What is asked, and what is kept, while a run goes on.</summary>
public sealed class ChoosingTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_question_that_a_sieve_leaves_out_is_not_asked_and_is_counted_by_why()
    {
        folder.Write("exam.txt", "Which of the seven grey ships in the northern harbour carries the oldest bell of them all today?");
        var queries = new[]
        {
            "How many ships are there?",
            "Which of the seven grey ships in the northern harbour carries the oldest bell of them all today?",
            "how many ships are there ?",
            "How many bells are there?",
        };
        var teacher = new FakeTeacher((_, _) => Task.FromResult("The answer is 7."));
        var options = new CollectionOptions
        {
            Sieves =
            [
                new ContaminationSieve(ContaminationIndex.Read([new EvaluationSet("exam", folder["exam.txt"])])),
                new RepetitionSieve(new RepeatedQuestions(100)),
            ],
        };
        await using var run = new TestRun(
            folder.Path, TestRun.Stages(), [new ListSource("cot", [.. queries.Select(prompt => Questions.Of("cot", prompt, "7"))])], teacher,
            options).Start();

        Assert.Equal(2, (await run.ReadAsync(10)).Count);
        Assert.Equal(2, teacher.Asked.Count);
        Assert.Equal(["contaminated:exam", "repeated"], run.Statistics.LeftOutBySieve.Keys);
        Assert.Equal(2, run.Statistics.Queries);
    }

    [Fact]
    public async Task A_limit_that_is_set_while_a_run_goes_on_holds_from_the_next_answer_on_and_after_a_restart()
    {
        var answer = new string[] { "The answer is 7." };
        var teacher = new FakeTeacher((request, _) => Task.FromResult($"{answer[0]} The answer is {request.Query.GoldAnswers[0]}."));
        var first = new TestRun(folder.Path, TestRun.Stages(), [ListSource.Of("cot", 40)], teacher, new CollectionOptions { Credits = 2 });
        first.Start();
        await first.ReadAsync(5);

        var revision = await first.Curriculum.SetScreensAsync("s1", new Dictionary<string, double> { ["length"] = 3 }, Cancelled);
        Assert.Equal(revision, await first.Curriculum.SetScreensAsync("s1", new Dictionary<string, double> { ["length"] = 3 }, Cancelled));
        await first.ReadAsync(100);
        await first.PipelineLoop;

        Assert.True(first.Statistics.RejectedByScreen["length"] > 20);
        Assert.Equal(3, first.Curriculum.Status.Steering.ScreenLimits["length"]);
        Assert.Equal((revision, 3.0), (ScreenTuning.Of(first.Store).Revision, ScreenTuning.Of(first.Store).Limits["length"]));
        await first.KillAsync();

        await using var second = new TestRun(folder.Path, TestRun.Stages(), [ListSource.Of("cot", 60)], teacher);
        Assert.Equal(3, second.Curriculum.Bus.Demand.Screens.Limits["length"]);
    }

    [Fact]
    public async Task How_published_versions_are_judged_is_journaled_and_holds_after_a_restart()
    {
        var first = new TestRun(folder.Path, TestRun.Stages(), [ListSource.Of("cot", 2_000)], new RecordedTeacher()).Start();
        await first.Curriculum.SetGateAsync("g1", new GateTuning(null, 0.05), Cancelled);
        await first.Curriculum.SetGateAsync("g2", new GateTuning(80, null), Cancelled);
        await first.KillAsync();

        await using var second = new TestRun(folder.Path, TestRun.Stages(), [ListSource.Of("cot", 2_000)], new RecordedTeacher());
        Assert.Equal(new GateTuning(80, 0.05), second.Curriculum.Status.Steering.Gate);
    }

    [Fact]
    public async Task Limits_that_cannot_be_are_refused_and_a_screen_can_be_switched_off()
    {
        await using var run = new TestRun(folder.Path, TestRun.Stages(), [ListSource.Of("cot", 50)], new RecordedTeacher()).Start();
        var control = (ICurriculumControl)run.Curriculum;

        Assert.Contains("-1", (await RefusalAsync(new() { ["length"] = -1 })).Message);
        Assert.Contains("NaN", (await RefusalAsync(new() { ["length"] = double.NaN })).Message);
        Assert.Contains("'lenght'", (await RefusalAsync(new() { ["lenght"] = 1 })).Message);
        Assert.Contains("name one", (await RefusalAsync([])).Message);
        await control.SetScreensAsync("off", new Dictionary<string, double> { ["refusal"] = double.PositiveInfinity }, Cancelled);
        Assert.Equal(double.PositiveInfinity, control.Status.Steering.ScreenLimits["refusal"]);

        Task<CommandRefusedException> RefusalAsync(Dictionary<string, double> limits) =>
            Assert.ThrowsAsync<CommandRefusedException>(() => control.SetScreensAsync(Guid.NewGuid().ToString(), limits, Cancelled));
    }

    [Fact]
    public async Task Answers_of_the_control_arm_pass_unscreened_and_labelled_but_what_cannot_be_taught()
    {
        var teacher = new FakeTeacher((request, _) => Task.FromResult(
            int.Parse(request.Query.GoldAnswers[0]) % 2 == 0 ? " " : "The answer is none of them."));
        await using (var run = new TestRun(
            folder.Path, TestRun.Stages(), [ListSource.Of("cot", 400)], teacher, new CollectionOptions { Control = new ControlArm(0.25, 1) }).Start())
        {
            Assert.InRange((await run.ReadAsync(400)).Count, 25, 75);
            await run.PipelineLoop;
            Assert.Equal(200, run.Statistics.RejectedByScreen["empty"]);
            Assert.InRange(run.Statistics.Kept, 25, 75);
        }

        using var traces = StoredTraces.Open(folder["traces.db"]);
        var kept = traces.Read(new TraceFilter { State = TraceState.Accepted }).ToList();
        Assert.All(kept, trace => Assert.Equal(ScreenedTrace.ControlArm, trace.Verdict!.Arm));
        Assert.All(traces.ControlArm(), verdicts => Assert.Contains(verdicts, verdict => verdict is { Screen: "gold-answer", Passed: false }));
        Assert.Equal(kept.Count, traces.ControlArm().Count());
    }

    [Fact]
    public async Task What_was_asked_and_accepted_before_is_known_after_a_restart()
    {
        var text = string.Join(' ', Enumerable.Range(0, 60).Select(number => $"word{number}"));
        var teacher = new FakeTeacher((request, _) => Task.FromResult($"{text} The answer is {request.Query.GoldAnswers[0]}."));
        await using (var run = new TestRun(folder.Path, TestRun.Stages(), [ListSource.Of("cot", 1)], teacher).Start())
        {
            await run.ReadAsync(1);
            await run.PipelineLoop;
        }

        var earlier = EarlierTexts.Of(folder["traces.db"], 1000);

        Assert.NotNull(earlier.Questions.Find(Questions.Of("niv2", "COT question 0", "5")));
        Assert.True(earlier.Answers.Measure(Questions.Trace("another", $"{text} The answer is 5.")).Value > 0.8);
        earlier.Save(folder["traces.db"]);
        Assert.Empty(Directory.GetFiles(folder.Path, "*.questions"));
    }
}
