using System.Collections.Immutable;
using System.Reactive.Linq;
using Orca.Streams.Collecting;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Teachers;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Curricula;

/// <summary>A receipt names the lesson, the question and the step from which on a command acts, and it is so.</summary>
public sealed class ReceiptTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_mixture_acts_on_the_lesson_and_the_step_that_its_receipt_names_and_on_none_before()
    {
        await using var run = TwoCollections(1_000_000).Start();
        var trainer = new FakeTrainer(run.Curriculum);
        using var enough = new CancellationTokenSource();
        var training = trainer.RunAsync(int.MaxValue, enough.Token);
        await Patience.Until(() => trainer.Next > 1);
        var receipts = new List<(string Only, CommandReceipt Receipt)>();
        for (var change = 0; change < 40; change++)
        {
            var only = change % 2 == 0 ? "cot" : "niv2";
            receipts.Add((only, await run.Curriculum.ApplyAsync($"c{change}", Only(only), Cancelled)));
            await Patience.Until(() => trainer.Next > receipts[^1].Receipt.FirstStep + 1);
        }

        await enough.CancelAsync();
        await training;
        var lessons = trainer.Steps.Values.SelectMany(step => step.Lessons).ToDictionary(lesson => lesson.Ordinal);
        var stepOf = trainer.Steps.SelectMany(step => step.Value.Lessons.Select(lesson => (lesson.Ordinal, Step: step.Key)))
            .ToDictionary(pair => pair.Ordinal, pair => pair.Step);
        foreach (var ((only, receipt), next) in receipts.Zip(receipts.Skip(1).Append(("", new CommandReceipt(0, lessons.Count + 1, 0, null)))))
        {
            for (var ordinal = receipt.FirstLesson; ordinal < next.Item2.FirstLesson; ordinal++)
            {
                Assert.Equal(only, lessons[ordinal].Collection);
            }

            Assert.Equal(stepOf[receipt.FirstLesson], receipt.FirstStep);
        }
    }

    [Fact]
    public async Task A_learning_rate_acts_on_the_step_that_its_receipt_names_and_on_none_before()
    {
        await using var run = TwoCollections(1_000_000, isTrained: true).Start();
        var trainer = new FakeTrainer(run.Curriculum);
        using var enough = new CancellationTokenSource();
        var training = trainer.RunAsync(int.MaxValue, enough.Token);
        await Patience.Until(() => trainer.Next > 1);
        var scales = new SortedDictionary<long, double> { [0] = 1 };
        for (var change = 1; change <= 20; change++)
        {
            var receipt = await run.Curriculum.ApplyAsync($"r{change}", new RateCommand(new RateTuning(change)), Cancelled);
            scales[receipt.FirstStep ?? 0] = change;
            await Patience.Until(() => trainer.Next > (receipt.FirstStep ?? 0) + 1);
        }

        await enough.CancelAsync();
        await training;
        foreach (var (step, (_, orders)) in trainer.Steps)
        {
            Assert.Equal(scales.Last(pair => pair.Key <= step).Value, orders.RateScale);
        }
    }

    [Fact]
    public async Task A_mixture_acts_on_the_question_that_its_receipt_names_and_on_none_before()
    {
        var drawn = new List<string>();
        await using var run = new TestRun(
            folder.Path, TestRun.Stages(capacity: 64), [ListSource.Of("cot", 5_000), ListSource.Of("niv2", 5_000)],
            new FakeTeacher((request, _) => Task.FromResult(request.Query.Explanation!)));
        using var drawing = run.Pipeline.Events.OfType<QueryDrawn>().Subscribe(one => drawn.Add(one.Query.Collection));
        run.Start();
        await run.ReadAsync(200);

        var receipt = await run.Curriculum.ApplyAsync("only", Only("niv2"), Cancelled);
        await run.ReadAsync(400);
        await run.StopAsync();

        // One question a draw.
        Assert.All(drawn.Skip((int)receipt.FirstDraw - 1), collection => Assert.Equal("niv2", collection));
        Assert.Contains("cot", drawn.Take((int)receipt.FirstDraw - 1).TakeLast(20));
    }

    [Fact]
    public async Task The_same_id_acts_once_on_two_ways_at_once_and_after_a_restart_and_has_one_receipt()
    {
        var first = TwoCollections(200).Start();
        var trainer = new FakeTrainer(first.Curriculum);
        await trainer.RunAsync(3);
        var both = await Task.WhenAll(
            first.Curriculum.ApplyAsync("m", Only("cot"), Cancelled), first.Curriculum.ApplyAsync("m", Only("cot"), Cancelled));
        Assert.Equal(both[0], both[1]);
        Assert.Equal(4, both[0].FirstStep);
        await first.KillAsync();

        await using var second = TwoCollections(200).Start();
        Assert.Equal(both[0], await second.Curriculum.ApplyAsync("m", Only("cot"), Cancelled));
        Assert.Equal(1, second.Curriculum.Status.Revision);
    }

    [Fact]
    public async Task An_id_of_another_command_and_a_revision_that_is_over_are_refused()
    {
        await using var run = TwoCollections(20).Start();
        await run.Curriculum.ApplyAsync("a", Only("cot"), Cancelled);

        var taken = await Assert.ThrowsAsync<CommandRefusedException>(() => run.Curriculum.ApplyAsync("a", Only("niv2"), Cancelled));
        var outdated = await Assert.ThrowsAsync<CommandRefusedException>(
            () => run.Curriculum.ApplyAsync(new CommandEnvelope("b", Only("niv2"), ExpectedRevision: 0), Cancelled));
        var expected = await run.Curriculum.ApplyAsync(new CommandEnvelope("c", Only("niv2"), ExpectedRevision: 1), Cancelled);

        Assert.Equal((RefusalKind.IdTaken, RefusalKind.Outdated, 2), (taken.Kind, outdated.Kind, expected.Revision));
        Assert.Contains("expects revision 0", outdated.Message);
    }

    [Fact]
    public async Task A_command_to_a_curriculum_that_is_over_is_refused()
    {
        var run = TwoCollections(2).Start();
        await run.DisposeAsync();

        var refusal = await Assert.ThrowsAsync<CommandRefusedException>(() => run.Curriculum.ApplyAsync("a", new PauseCommand(), Cancelled));

        Assert.Equal(RefusalKind.Over, refusal.Kind);
    }

    private static MixtureCommand Only(string collection) => new(ImmutableSortedDictionary<string, double>.Empty
        .Add("cot", collection == "cot" ? 1 : 0).Add("niv2", collection == "niv2" ? 1 : 0));

    private TestRun TwoCollections(int questions, bool isTrained = false) => new(
        folder.Path, TestRun.Stages(maxReuses: null, capacity: 64) with { Steerable = new Steerable { IsTrained = isTrained } },
        [ListSource.Of("cot", Math.Min(questions, 4_000)), ListSource.Of("niv2", Math.Min(questions, 4_000))], new RecordedTeacher());
}
