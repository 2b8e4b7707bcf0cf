using System.Text.Json.Nodes;
using System.Threading.Channels;
using Orca.Streams.Curricula.Lessons;
using Orca.Training.Parameters;

namespace Orca.Training.Tests.Running;

/// <summary>What the trainer tells the curriculum.</summary>
public sealed class LinkTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_step_is_told_when_it_is_filled_when_it_is_full_and_when_it_is_made()
    {
        var link = new ScriptedLink();

        await Run(link, Toy.Options with { MaxSteps = 3 }, Toy.Repeat(4));

        Assert.Equal(
            ["fill 1", "filled 1", "made 1", "fill 2", "filled 2", "made 2", "fill 3", "filled 3", "made 3"], link.Calls);
    }

    [Fact]
    public async Task A_step_that_is_skipped_is_told_and_its_number_is_taken_by_the_next()
    {
        var link = new ScriptedLink();
        var options = Toy.Options with { Schedule = new() { Peak = 1e30, WarmUpSteps = 0 }, MaxFailedSteps = 2 };

        await Assert.ThrowsAsync<TrainingException>(() => Run(link, options, Toy.Repeat(4)));

        Assert.Equal([(1, false), (2, true), (2, true)], link.Results.Select(result => (result.Step, result.IsSkipped)));
    }

    [Fact]
    public async Task A_filling_that_is_interrupted_is_told_again()
    {
        using var folder = new TemporaryFolder();
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var (link, lessons) = (new ScriptedLink(), Channel.CreateUnbounded<Lesson>());
        var trainer = new Trainer(
            Toy.Options, new TrainingRun { Student = Toy.Student, CheckpointRoot = folder.At("run"), Link = link });
        var running = trainer.RunAsync(lessons.Reader, cancel.Token);

        await trainer.PublishNowAsync(Token);
        await cancel.CancelAsync();
        await running;

        Assert.NotEmpty(link.Calls);
        Assert.All(link.Calls, call => Assert.Equal("fill 1", call));
    }

    [Fact]
    public async Task One_lesson_at_least_is_taken_for_each_step()
    {
        var (taken, atEachStep) = (0, new List<int>());
        var link = new ScriptedLink(_ =>
        {
            atEachStep.Add(taken);
            return StepOrders.None;
        });

        // A short lesson between long ones leaves so much waiting that the next step could be packed at once.
        var options = Toy.Options with { BatchRows = 1, PackingLookahead = 1, MaxSteps = 12 };
        await Run(link, options, Counted());

        Assert.Equal(12, atEachStep.Distinct().Count());

        IEnumerable<Lesson> Counted()
        {
            foreach (var seed in Enumerable.Range(0, 1_000))
            {
                taken++;
                yield return seed % 2 == 0 ? Lessons.Of(2, 3, seed) : Lessons.Of(10, 13, seed);
            }
        }
    }

    [Theory]
    [InlineData(ProductKernels.Own, ComputeType.Float32)]
    [InlineData(ProductKernels.Libtorch, ComputeType.Float32)]
    [InlineData(ProductKernels.Libtorch, ComputeType.BFloat16)]
    public async Task The_losses_of_the_lessons_are_those_that_the_step_is_made_of(ProductKernels products, ComputeType compute)
    {
        var link = new ScriptedLink();
        var lessons = Lessons.Stream(3, 4, 20).Take(60)
            .Select((lesson, at) => lesson with { Ordinal = at + 1, Weight = 0.5f + (at % 3), IsRepeated = at % 4 == 0, Difficulty = at })
            .ToList();
        var options = Toy.Options with { BatchRows = 2, MicroBatches = 2, Products = products, Compute = compute };
        Assert.SkipUnless(
            products == ProductKernels.Libtorch || ProductChoice.CanRunOwn(options), "this processor has none of the server's kernels");

        var steps = await Run(link, options, lessons);

        foreach (var (step, result) in steps.Zip(link.Results))
        {
            var (sum, weight) = (0.0, 0.0);
            foreach (var found in result.Lessons)
            {
                var lesson = lessons[(int)found.Ordinal - 1];
                Assert.Equal(
                    (lesson.Collection, lesson.Task, lesson.Difficulty, lesson.IsRepeated, lesson.AnswerTokens.Length),
                    (found.Collection, found.Task, found.Difficulty, found.IsRepeated, found.Tokens));
                (sum, weight) = (sum + (lesson.Weight * found.Loss), weight + (lesson.Weight * found.Tokens));
            }

            Assert.Equal(step.Loss, sum / weight, 1e-9);
            Assert.Equal(step.Lessons, result.Lessons.Length);
        }

        Assert.Equal(
            lessons.Select(lesson => lesson.Ordinal),
            link.Results.SelectMany(result => result.Lessons).Select(found => found.Ordinal).Order());
    }

    [Fact]
    public async Task A_step_tells_the_loss_and_the_repeated_lessons_of_each_collection_and_so_does_its_line_of_metrics()
    {
        using var folder = new TemporaryFolder();
        var link = new ScriptedLink();
        var lessons = Lessons.Stream(5, 4, 20).Take(30).Select((lesson, at) => lesson with { IsRepeated = at % 2 == 0 });

        var steps = await Run(link, Toy.Options, lessons, folder.At("metrics.jsonl"));

        foreach (var (step, result, line) in steps.Zip(link.Results, File.ReadAllLines(folder.At("metrics.jsonl"))))
        {
            foreach (var (name, count) in step.Collections)
            {
                var its = result.Lessons.Where(lesson => lesson.Collection == name).ToList();
                var told = JsonNode.Parse(line)!["collections"]![name]!;
                Assert.Equal((its.Count, its.Count(lesson => lesson.IsRepeated)), (count.Lessons, count.Repeated));
                Assert.Equal(its.Sum(lesson => lesson.Loss), count.Loss, 1e-9);
                Assert.Equal(count.MeanLoss!.Value, (double)told["loss"]!, 1e-9);
                Assert.Equal(count.Repeated, (int)told["repeated_lessons"]!);
            }
        }
    }

    private static async Task<List<TrainingStep>> Run(
        ScriptedLink link, TrainerOptions options, IEnumerable<Lesson> lessons, string? metrics = null)
    {
        var trainer = new Trainer(options, new TrainingRun { Student = Toy.Student, MetricsFile = metrics, Link = link });
        var steps = new List<TrainingStep>();
        using var subscription = trainer.Steps.Subscribe(steps.Add);
        await trainer.RunAsync(Toy.Channel(lessons), Token);
        return steps;
    }
}
