using System.Collections.Immutable;
using Microsoft.Extensions.Time.Testing;
using Orca.Cli.Configuration;
using Orca.Cli.Daemon;
using Orca.Evaluation.Protocols;
using Orca.Evaluation.Subjects;
using Orca.Serving.Checkpoints;
using Orca.Serving.Requests;
using Orca.Streams.Answers;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Tasks;

namespace Orca.Cli.Tests.Daemon;

public sealed class ExaminationGateTests : IDisposable
{
    private static readonly ImmutableArray<TaskQuery> Questions = [.. Enumerable.Range(0, 40).Select(number => new TaskQuery
    {
        Id = $"{number}",
        Collection = "c",
        Task = "t",
        Prompt = $"{number} + 0",
        GoldAnswers = [$"{number}"],
        AnswerKind = AnswerKind.Number,
    })];

    private readonly string reports = Directory.CreateTempSubdirectory("orca-gate-").FullName;
    private readonly List<string> said = [];
    private GateTuning tuning = GateTuning.None;

    public void Dispose() => Directory.Delete(reports, recursive: true);

    [Fact]
    public async Task A_version_that_answers_far_fewer_rightly_is_kept_back_with_both_figures()
    {
        var gate = GateOver(right: version => version == 1 ? 30 : 12);

        var objection = await ObjectionAsync(gate, version: 2, active: 1);

        Assert.StartsWith(
            "version 2 (step-2) is not promoted: it answers 12 of 40 held-out questions rightly where version 1 answers 30", objection);
        Assert.Equal([objection!], said);
    }

    [Theory]
    [InlineData(10, 30)]
    [InlineData(20, 20)]
    [InlineData(20, 17)]
    public async Task A_better_one_one_alike_and_one_that_may_be_worse_by_chance_take_over(int before, int after) =>
        Assert.Null(await ObjectionAsync(GateOver(version => version == 1 ? before : after), version: 2, active: 1));

    [Fact]
    public async Task Tuned_while_it_stands_it_judges_the_next_version_by_that_and_asks_only_what_it_has_not_asked()
    {
        var asked = 0;
        var gate = GateOver(version =>
        {
            Interlocked.Increment(ref asked);
            return version switch { 1 => 25, 3 => 11, _ => 18 };
        });

        // Seven questions lost and none won: p 0.016, above 0.01.
        Assert.Null(await ObjectionAsync(gate, version: 2, active: 1));
        tuning = new GateTuning(null, 0.05);
        Assert.Contains("below 0.05", await ObjectionAsync(gate, version: 3, active: 2) ?? "none");

        tuning = new GateTuning(0, 0.05);
        Assert.Null(await ObjectionAsync(gate, version: 4, active: 2));
        tuning = new GateTuning(10, null);
        var before = asked;
        Assert.Null(await ObjectionAsync(gate, version: 5, active: 2));
        Assert.Equal(10, asked - before);
    }

    [Fact]
    public async Task Each_version_is_asked_once_however_many_it_is_compared_with()
    {
        var asked = new List<long>();
        var gate = GateOver(version =>
        {
            lock (asked)
            {
                asked.Add(version);
            }

            return version == 3 ? 0 : 30;
        });

        Assert.Null(await ObjectionAsync(gate, version: 2, active: 1));
        Assert.NotNull(await ObjectionAsync(gate, version: 3, active: 2));
        Assert.Null(await ObjectionAsync(gate, version: 4, active: 2));

        Assert.Equal([1L, 2, 3, 4], asked.Distinct().Order());
        Assert.All(asked.CountBy(version => version), pair => Assert.Equal(40, pair.Value));
    }

    [Fact]
    public async Task Every_examination_is_kept_as_a_line()
    {
        var gate = GateOver(version => version == 3 ? 0 : 30);
        await ObjectionAsync(gate, version: 2, active: 1);
        await ObjectionAsync(gate, version: 3, active: 2);

        var lines = await File.ReadAllLinesAsync(Path.Combine(reports, ExaminationGate.FileName), TestContext.Current.CancellationToken);

        Assert.Equal(2, lines.Length);
        Assert.Contains("\"version\":2", lines[0]);
        Assert.Contains("\"right\":30", lines[0]);
        Assert.Contains("\"isPromoted\":true", lines[0]);
        Assert.Contains("\"isPromoted\":false", lines[1]);
    }

    [Fact]
    public async Task Before_there_are_questions_all_take_over() =>
        Assert.Null(await ObjectionAsync(
            new ExaminationGate(new EvaluationSettings(), () => tuning, reports, said.Add, TimeProvider.System), 2, 1));

    [Fact]
    public async Task A_version_that_cannot_be_asked_takes_over_and_that_is_told()
    {
        var clock = new FakeTimeProvider();
        var gate = new ExaminationGate(new EvaluationSettings(), () => tuning, reports, said.Add, clock);
        gate.Begin(Questions, _ => new Student(() => throw new GenerationException(Failure.VersionNotReady, "It is gone.")));

        var objection = ObjectionAsync(gate, version: 2, active: 1);
        // Asked again for a while first.
        Assert.False(objection.IsCompleted);
        while (!objection.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        Assert.Null(await objection);
        Assert.Equal("version 2 (step-2) takes over without an examination: It is gone.", Assert.Single(said));
    }

    private ExaminationGate GateOver(Func<long, int> right)
    {
        var gate = new ExaminationGate(new EvaluationSettings(), () => tuning, reports, said.Add, TimeProvider.System);
        gate.Begin(Questions, version => new Student(() => right(version)));
        return gate;
    }

    private static Task<string?> ObjectionAsync(ExaminationGate gate, long version, long active) =>
        gate.ObjectionAsync(new PromotionCandidate(version, $"step-{version}", version, active), TestContext.Current.CancellationToken);

    // Answers the first so many questions rightly.
    private sealed class Student(Func<int> right) : ITextGenerator
    {
        public string Name => "scripted";

        public Task<GeneratedAnswer> GenerateAsync(Prompt prompt, CancellationToken cancellationToken)
        {
            var number = int.Parse(prompt.Text.Split(' ')[0]);
            return Task.FromResult(new GeneratedAnswer($"The answer is {(number < right() ? number : -1)}.", "1"));
        }
    }
}
