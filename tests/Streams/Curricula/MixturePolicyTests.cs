using System.Collections.Immutable;
using Orca.Streams.Curricula;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Curricula.Lessons;
using Orca.Streams.Curricula.Mixtures;
using Orca.Streams.Storage;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Curricula;

/// <summary>What the policies share lessons out by.</summary>
public sealed class MixturePolicyTests : IDisposable
{
    private static readonly ImmutableSortedDictionary<string, long> Sizes = ImmutableSortedDictionary<string, long>.Empty
        .Add("small", 100).Add("large", 10_000);

    private static readonly ImmutableSortedDictionary<string, ImmutableSortedSet<string>> NoTasks =
        ImmutableSortedDictionary<string, ImmutableSortedSet<string>>.Empty.Add("small", []).Add("large", []);

    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(MixturePolicyKind.Fixed, 1, 1)]
    [InlineData(MixturePolicyKind.Proportional, 1, 100)]
    [InlineData(MixturePolicyKind.Temperature, 2, 10)]
    [InlineData(MixturePolicyKind.Temperature, 1, 100)]
    [InlineData(MixturePolicyKind.Temperature, 1e6, 1)]
    public void Sizes_count_as_the_policy_says(MixturePolicyKind kind, double temperature, double times)
    {
        var shares = Shares(new MixturePolicy(kind, temperature), GainRecord.Empty);

        Assert.Equal(times, shares.WeightOf("large", null) / shares.WeightOf("small", null), 3);
    }

    [Fact]
    public void Weights_of_commands_are_factors_of_what_the_policy_says_and_nothing_comes_of_a_weight_of_nothing()
    {
        var weights = Mixture.Of([new("large", 0.5), new("small", 0)]);
        var shares = new MixtureShares(
            weights, new MixturePolicy(MixturePolicyKind.Proportional), new MixtureView(Sizes, GainRecord.Empty));

        Assert.Equal(5_000, shares.WeightOf("large", null));
        Assert.False(shares.MayBeTaught("small", "any"));
        Assert.Equal(0, shares.ForDraws(NoTasks).WeightOf("small"));
    }

    [Fact]
    public void Of_thousands_of_tasks_each_is_still_drawn()
    {
        var tasks = Enumerable.Range(0, 5_000).Select(number => $"t{number}").ToImmutableSortedSet();
        var drawn = Shares(new MixturePolicy(MixturePolicyKind.Proportional), GainRecord.Empty).ForDraws(
            ImmutableSortedDictionary<string, ImmutableSortedSet<string>>.Empty.Add("large", tasks));

        Assert.All(tasks, task => Assert.Equal(drawn.WeightOf("large", "t0"), drawn.WeightOf("large", task)));
        Assert.True(drawn.WeightOf("large", "t0") > 0);
    }

    [Fact]
    public void The_adaptive_policy_gives_more_to_what_the_student_gains_on_and_something_to_all()
    {
        // One is known from the beginning, one is hopeless, one is being learned.
        var gains = GainRecord.Empty;
        for (var step = 1; step <= 200; step++)
        {
            gains = gains.With(Step(step, ("known", 0.01), ("hopeless", 5), ("learned", 5 * Math.Exp(-step / 60.0))));
        }

        var shares = Shares(new MixturePolicy(MixturePolicyKind.Adaptive), gains);

        Assert.Equal(1, shares.WeightOf("learned", null), 6);
        Assert.InRange(shares.WeightOf("known", null), 0.05, 0.3);
        Assert.InRange(shares.WeightOf("hopeless", null), 0.05, 0.3);
        Assert.Equal(0.1, shares.EvenShare);
    }

    [Fact]
    public void Tasks_are_the_arms_where_there_is_one_collection()
    {
        var gains = GainRecord.Empty;
        for (var step = 1; step <= 100; step++)
        {
            gains = gains.With(new StepResult(step, false,
            [
                Result("reasoning", "easy", 0.01), Result("reasoning", "moving", 4 * Math.Exp(-step / 30.0)),
            ]));
        }

        var shares = Shares(new MixturePolicy(MixturePolicyKind.Adaptive), gains);

        Assert.Equal(1, shares.WeightOf("reasoning", null));
        Assert.True(shares.WeightOf("reasoning", "moving") > 3 * shares.WeightOf("reasoning", "easy"));
    }

    [Fact]
    public void Repeated_lessons_and_losses_that_are_no_numbers_tell_nothing_of_gain()
    {
        var gains = GainRecord.Empty.With(new StepResult(1, false,
        [
            new LessonResult(1, "a", "t", null, IsRepeated: true, 5, 5), new LessonResult(2, "b", "t", null, false, double.NaN, 5),
            new LessonResult(3, "c", "t", null, false, 5, 0),
        ]));

        Assert.Empty(gains.Arms);
    }

    [Fact]
    public async Task In_a_run_the_adaptive_policy_moves_lessons_to_what_is_being_learned_and_tells_its_regret()
    {
        var options = TestRun.Stages(capacity: 64) with { Policy = new MixturePolicy(MixturePolicyKind.Adaptive) };
        await using var run = new TestRun(
            folder.Path, options, [ListSource.Of("known", 6_000), ListSource.Of("moving", 6_000)],
            new FakeTeacher((request, _) => Task.FromResult(request.Query.Explanation!))).Start();
        var seen = 0;
        var trainer = new FakeTrainer(run.Curriculum, lessonsPerStep: 8)
        {
            LossOf = lesson => lesson.Collection == "known" ? 0.01 : 5 * Math.Exp(-(seen += 1) / 2_000.0),
        };

        await trainer.RunAsync(400);

        var later = trainer.Steps.Values.Skip(200).SelectMany(step => step.Lessons).ToList();
        Assert.InRange(later.Count(lesson => lesson.Collection == "moving") / (double)later.Count, 0.65, 0.97);
        Assert.InRange(later.Count(lesson => lesson.Collection == "known") / (double)later.Count, 0.03, 0.35);
        Assert.True(run.Curriculum.Status.Regret < 0);
        Assert.True(run.Curriculum.Status.Gains["moving"] > run.Curriculum.Status.Gains["known"]);
    }

    [Fact]
    public async Task What_the_policy_knows_is_part_of_a_checkpoint()
    {
        var options = TestRun.Stages(capacity: 64) with { Policy = new MixturePolicy(MixturePolicyKind.Adaptive) };
        TestRun Run(byte[]? snapshot) => new(
            folder.Path, options, [ListSource.Of("a", 2_000), ListSource.Of("b", 2_000)], new RecordedTeacher(), snapshot: snapshot);
        byte[] snapshot;
        await using (var first = Run(null).Start())
        {
            await new FakeTrainer(first.Curriculum) { LossOf = lesson => lesson.Collection == "a" ? 1 : 2 }.RunAsync(60);
            snapshot = first.Curriculum.Snapshot();
        }

        await using var second = Run(snapshot);

        Assert.Equal(["a", "a/task", "b", "b/task"], second.Curriculum.Status.Gains.Keys);
        Assert.Equal(1, CurriculumState.FromBytes(snapshot).Progress.Gains.Arms["a"].Fast, 9);
        Assert.Equal(2, CurriculumState.FromBytes(second.Curriculum.Snapshot()).Progress.Gains.Arms["b"].Slow, 9);
    }

    [Fact]
    public void A_lesson_is_chosen_by_the_weights_of_its_collection_and_its_task()
    {
        var heads = new List<TaskHead>
        {
            new(new AcceptedPlace(5, "a", "x", null), 10), new(new AcceptedPlace(6, "a", "y", null), 10),
            new(new AcceptedPlace(7, "b", "z", null), 1),
        };
        var random = SeededRandom.Of(1);
        var chosen = Enumerable.Range(0, 20_000).Select(_ => LessonChoice.Of(
            heads, (collection, task) => (collection, task) switch { ("a", null) => 3, ("a", "x") => 4, _ => 1 }, random).Place).ToList();

        Assert.InRange(chosen.Count(place => place == 7) / 20_000.0, 0.24, 0.26);
        Assert.InRange(chosen.Count(place => place == 5) / 20_000.0, 0.59, 0.61);
        Assert.InRange(chosen.Count(place => place == 6) / 20_000.0, 0.14, 0.16);
    }

    [Fact]
    public async Task Tasks_that_commands_weigh_are_asked_and_taught_by_their_weights()
    {
        await using var run = new TestRun(
            folder.Path, TestRun.Stages(capacity: 64), new ReasoningTasks(3, ["navigate", "arithmetic", "lamp_switch"]).ByFamily(),
            new SolverTeacher(SolverStrength.Expert)).Start();
        var weights = ImmutableSortedDictionary<string, double>.Empty.Add("reasoning/navigate", 0).Add("reasoning/arithmetic", 3);
        await run.Curriculum.ApplyAsync("m", new MixtureCommand(weights), Cancelled);
        var lessons = (await run.ReadAsync(1_000))[100..];
        var refusal = await Assert.ThrowsAsync<CommandRefusedException>(() => run.Curriculum.ApplyAsync(
            "n", new MixtureCommand(ImmutableSortedDictionary<string, double>.Empty.Add("reasoning/sudoku", 0)), Cancelled));

        Assert.DoesNotContain(lessons, lesson => lesson.Task == "navigate");
        Assert.InRange(lessons.Count(lesson => lesson.Task == "arithmetic") / (double)lessons.Count, 0.7, 0.8);
        Assert.Contains("the tasks of reasoning are arithmetic, lamp_switch, navigate", refusal.Message);
    }

    private static MixtureShares Shares(MixturePolicy policy, GainRecord gains) =>
        new(Mixture.Even, policy, new MixtureView(Sizes, gains));

    private static StepResult Step(long step, params (string Collection, double Loss)[] losses) =>
        new(step, false, [.. losses.Select(one => Result(one.Collection, "task", one.Loss))]);

    private static LessonResult Result(string collection, string task, double loss) =>
        new(1, collection, task, null, IsRepeated: false, loss * 10, 10);
}
