using System.Reactive.Linq;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;
using Orca.Model.Network;
using Orca.Streams.Curricula.Lessons;
using TorchSharp;

namespace Orca.Training.Tests;

public sealed class TrainerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_learns_a_few_lessons_by_heart()
    {
        var options = Toy.Options with { MaxSteps = 150, Schedule = new() { Peak = 1e-2, WarmUpSteps = 5 } };
        var trainer = new Trainer(options, new TrainingRun { Student = Toy.Student });
        var losses = new List<double>();
        using var subscription = trainer.Steps.Subscribe(step => losses.Add(step.Loss));

        var summary = await trainer.RunAsync(Toy.Channel(Toy.Repeat(4)), Token);

        Assert.Equal((150, TrainingEnd.MaxSteps), (summary.Steps, summary.End));
        // A tied student's first logits have deviation 1, which costs half a nat.
        Assert.InRange(losses[0], Math.Log(286) - 0.2, Math.Log(286) + 0.7);
        Assert.InRange(losses[^1], 0, 0.2);
    }

    [Fact]
    public async Task It_learns_all_lessons_and_ends_when_they_do()
    {
        var lessons = Lessons.Stream(1, 4, 20).Take(77).ToList();
        var trainer = new Trainer(Toy.Options, new TrainingRun { Student = Toy.Student });
        var steps = new List<TrainingStep>();
        using var subscription = trainer.Steps.Subscribe(steps.Add);

        var summary = await trainer.RunAsync(Toy.Channel(lessons), Token);

        Assert.Equal(TrainingEnd.LessonsEnded, summary.End);
        Assert.Equal(77, steps.Sum(step => step.Lessons));
        Assert.Equal(lessons.Sum(lesson => lesson.Length), steps.Sum(step => step.Tokens));
        Assert.Equal(lessons.Sum(lesson => lesson.AnswerTokens.Length), steps.Sum(step => step.TeacherTokens));
        Assert.Equal(
            lessons.Count(lesson => lesson.Collection == "cot"), steps.Sum(step => step.Collections.GetValueOrDefault("cot").Lessons));
        Assert.All(steps, step => Assert.InRange(step.PackingEfficiency, 0.1, 1));
    }

    [Fact]
    public async Task What_a_step_tells_of_fill_and_speed_counts_no_padding()
    {
        var time = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromSeconds(1) };
        var options = Toy.Options with { BatchRows = 3, SequenceLength = 40 };
        var trainer = new Trainer(options, new TrainingRun { Student = Toy.Student }, time);
        var steps = new List<TrainingStep>();
        using var subscription = trainer.Steps.Subscribe(steps.Add);

        // Each as long as three quarters of a row: no two fit together.
        await trainer.RunAsync(Toy.Channel(Enumerable.Range(0, 7).Select(seed => Lessons.Of(20, 10, seed))), Token);

        Assert.Equal([90, 90, 30], steps.Select(step => step.Tokens));
        Assert.Equal([30, 30, 10], steps.Select(step => step.TeacherTokens));
        Assert.All(steps, step => Assert.Equal(0.75, step.PackingEfficiency));
        Assert.All(steps, step => Assert.Equal(step.Tokens / step.Elapsed.TotalSeconds, step.TokensPerSecond));
    }

    [Fact]
    public async Task Cancellation_while_it_waits_for_lessons_ends_it_cleanly()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var trainer = new Trainer(Toy.Options, new TrainingRun { Student = Toy.Student });
        var running = trainer.RunAsync(Channel.CreateUnbounded<Lesson>().Reader, cancel.Token);

        await cancel.CancelAsync();

        Assert.Equal(TrainingEnd.Cancelled, (await running).End);
    }

    [Fact]
    public async Task A_channel_that_ends_with_an_error_ends_the_run_with_it()
    {
        var channel = Channel.CreateUnbounded<Lesson>();
        channel.Writer.Complete(new IOException("the curriculum broke"));
        var trainer = new Trainer(Toy.Options, new TrainingRun { Student = Toy.Student });

        var error = await Assert.ThrowsAsync<TrainingException>(() => trainer.RunAsync(channel.Reader, Token));

        Assert.Contains("the curriculum broke", error.Message);
    }

    [Fact]
    public async Task A_tokenizer_larger_than_the_embedding_is_refused()
    {
        var student = Toy.Student with { Config = Toy.Config with { VocabularySize = 285 } };
        var error = await Assert.ThrowsAsync<TrainingException>(
            () => new Trainer(Toy.Options, new TrainingRun { Student = student }).RunAsync(Toy.Channel([]), Token));

        Assert.StartsWith("Student: the tokenizer has 286 tokens, the embedding 285 rows", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Steps_that_are_not_finite_are_skipped_counted_and_stop_the_run_after_a_few()
    {
        var options = Toy.Options with { Schedule = new() { Peak = 1e30, WarmUpSteps = 0 }, MaxFailedSteps = 3 };
        var trainer = new Trainer(options, new TrainingRun { Student = Toy.Student });
        var steps = new List<TrainingStep>();
        using var subscription = trainer.Steps.Subscribe(steps.Add);

        var error = await Assert.ThrowsAsync<TrainingException>(() => trainer.RunAsync(Toy.Channel(Toy.Repeat(4)), Token));

        Assert.Equal([false, true, true, true], steps.Select(step => step.Skipped));
        Assert.Equal([1, 2, 2, 2], steps.Select(step => step.Step));
        Assert.Contains("3 steps in a row", error.Message);
        Assert.Contains("training.learningRate", error.Message);
    }

    [Fact]
    public async Task A_run_bounded_by_time_ends_in_time_and_its_learning_rate_with_it()
    {
        var time = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromSeconds(1) };
        var options = Toy.Options with
        {
            MaxDuration = TimeSpan.FromMinutes(5),
            Schedule = new() { Peak = 1e-3, WarmUpSteps = 0, FinalFraction = 0.1 },
        };
        var trainer = new Trainer(options, new TrainingRun { Student = Toy.Student }, time);
        var steps = new List<TrainingStep>();
        using var subscription = trainer.Steps.Subscribe(steps.Add);

        var summary = await trainer.RunAsync(Toy.Channel(Toy.Repeat(4)), Token);

        Assert.Equal(TrainingEnd.MaxDuration, summary.End);
        Assert.InRange(steps.Count, 20, 300);
        Assert.InRange(steps[0].LearningRate, 0.99e-3, 1e-3);
        Assert.InRange(steps[^1].LearningRate, 1e-4, 1.1e-4);
        Assert.InRange(steps[^1].Progress!.Value, 0.97, 1);
    }

    [Fact]
    public async Task Time_that_runs_out_while_it_waits_for_lessons_ends_the_run()
    {
        var time = new FakeTimeProvider();
        var trainer = new Trainer(
            Toy.Options with { MaxDuration = TimeSpan.FromMinutes(1) }, new TrainingRun { Student = Toy.Student }, time);
        var lessons = Channel.CreateBounded<Lesson>(1);
        var running = trainer.RunAsync(lessons.Reader, Token);

        // Taken in: the trainer is up and its clock runs.
        await lessons.Writer.WriteAsync(Lessons.Of(2, 2), Token);
        await lessons.Writer.WriteAsync(Lessons.Of(2, 2), Token);
        time.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal(TrainingEnd.MaxDuration, (await running).End);
    }

    [Fact]
    public async Task Every_step_is_a_line_of_the_metrics_file()
    {
        using var folder = new TemporaryFolder();
        var run = new TrainingRun { Student = Toy.Student, MetricsFile = folder.At("run/metrics.jsonl") };

        await new Trainer(Toy.Options with { MaxSteps = 3 }, run).RunAsync(Toy.Channel(Toy.Repeat(4)), Token);

        var lines = File.ReadAllLines(run.MetricsFile).Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal([1, 2, 3], lines.Select(line => (int)line["step"]!));
        Assert.All(lines, line => Assert.InRange((double)line["loss"]!, 0, 10));
        Assert.All(lines, line => Assert.True((int)line["collections"]!["reasoning"]!["teacher_tokens"]! > 0));
    }

    [Fact]
    public async Task A_metrics_file_that_cannot_be_written_does_not_stop_the_run()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At("run"), "a file where a folder must be");
        var run = new TrainingRun { Student = Toy.Student, MetricsFile = folder.At("run/metrics.jsonl") };

        var summary = await new Trainer(Toy.Options with { MaxSteps = 3 }, run).RunAsync(Toy.Channel(Toy.Repeat(4)), Token);

        Assert.Equal(3, summary.Steps);
    }

    [Fact]
    public async Task On_a_gpu_it_learns_as_on_the_processor()
    {
        Assert.SkipUnless(torch.cuda.is_available(), "this libtorch finds no CUDA device");
        var losses = new List<double>();
        foreach (var device in new[] { "cpu", "cuda" })
        {
            var trainer = new Trainer(Toy.Options with { MaxSteps = 20, Device = device }, new TrainingRun { Student = Toy.Student });
            using var subscription = trainer.Steps.TakeLast(1).Subscribe(step => losses.Add(step.Loss));
            await trainer.RunAsync(Toy.Channel(Toy.Repeat(4)), Token);
        }

        Assert.Equal(losses[0], losses[1], 1e-3);
    }

    [Fact]
    public async Task A_device_that_is_not_there_is_refused()
    {
        Assert.SkipWhen(torch.cuda.is_available(), "there is a CUDA device");
        var trainer = new Trainer(Toy.Options with { Device = "cuda" }, new TrainingRun { Student = Toy.Student });

        var error = await Assert.ThrowsAsync<TrainingException>(() => trainer.RunAsync(Toy.Channel([]), Token));

        Assert.StartsWith("training.device is 'cuda'", error.Message);
    }
}
