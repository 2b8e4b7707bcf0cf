using System.Threading.Channels;
using Orca.Streams.Curricula;

namespace Orca.Training.Tests;

public sealed class TrainerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_learns_a_few_lessons_by_heart()
    {
        var trainer = new Trainer(Toy.Options with { MaxSteps = 150, LearningRate = 1e-2, WarmUpSteps = 5 }, new TrainingRun { Student = Toy.Student });
        var losses = new List<double>();
        using var subscription = trainer.Steps.Subscribe(step => losses.Add(step.Loss));

        var summary = await trainer.RunAsync(Toy.Channel(Toy.Repeat(4)), Token);

        Assert.Equal((150, TrainingEnd.MaxSteps), (summary.Steps, summary.End));
        Assert.InRange(losses[0], Math.Log(50) - 0.2, Math.Log(50) + 0.2);
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
        Assert.Equal(lessons.Count(lesson => lesson.Collection == "cot"), steps.Sum(step => step.Collections.GetValueOrDefault("cot").Lessons));
        Assert.All(steps, step => Assert.InRange(step.PackingEfficiency, 0.1, 1));
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
        var student = Toy.Student with { Config = Toy.Config with { VocabularySize = 49 } };
        var error = await Assert.ThrowsAsync<TrainingException>(
            () => new Trainer(Toy.Options, new TrainingRun { Student = student }).RunAsync(Toy.Channel([]), Token));

        Assert.Equal("The tokenizer has 50 tokens, the network an embedding of 49; use the tokenizer the network was made for.", error.Message);
    }
}
