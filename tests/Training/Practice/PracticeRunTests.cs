using System.Text.Json.Nodes;
using Orca.Streams.Curricula.Lessons;
using Orca.Training.Practice;
using Orca.Training.Tests.Running;

namespace Orca.Training.Tests.Practice;

/// <summary>What a run tells of practice.</summary>
public sealed class PracticeRunTests
{
    private static readonly int[] Ends = [2];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_step_tells_the_loss_of_practice_apart_from_that_of_the_teachers_tokens()
    {
        using var folder = new TemporaryFolder();
        var link = new ScriptedLink();
        var run = new TrainingRun { Student = Toy.Student, MetricsFile = folder.At("metrics.jsonl"), Link = link };
        var trainer = new Trainer(Toy.Options with { MaxSteps = 5 }, run);
        var steps = new List<TrainingStep>();
        using var subscription = trainer.Steps.Subscribe(steps.Add);

        await trainer.RunAsync(
            Toy.Channel(Enumerable.Range(0, 200).Select(at => at % 2 == 0 ? Lessons.Practice(3, 8, 6, at) : Lessons.Of(4, 6, at))), Token);

        foreach (var (step, result, line) in steps.Zip(link.Results, File.ReadAllLines(folder.At("metrics.jsonl"))))
        {
            var answers = step.Collections["practice"].Lessons;
            Assert.True(step.PracticeLoss > 0);
            Assert.Equal((6 * answers, answers, 6.0), (step.PracticeTokens, step.Practice!.Answers, step.Practice.MeanTokens));
            Assert.Equal(step.Collections["reasoning"].TeacherTokens, step.TeacherTokens);
            Assert.Equal(0, step.Collections["practice"].TeacherTokens);
            Assert.Equal(step.Loss, step.Collections["reasoning"].MeanLoss!.Value, 1e-9);
            Assert.All(result.Lessons, lesson => Assert.Equal("reasoning", lesson.Collection));
            Assert.Equal(step.PracticeLoss!.Value, (double)JsonNode.Parse(line)!["practice_loss"]!, 1e-12);
            Assert.Equal(step.Practice.EndlessShare, (double)JsonNode.Parse(line)!["practice"]!["endless_share"]!, 1e-3);
        }
    }

    [Fact]
    public async Task Where_nothing_is_practised_nothing_is_told_of_it()
    {
        var trainer = new Trainer(Toy.Options with { MaxSteps = 2 }, new TrainingRun { Student = Toy.Student });
        var steps = new List<TrainingStep>();
        using var subscription = trainer.Steps.Subscribe(steps.Add);

        await trainer.RunAsync(Toy.Channel(Toy.Repeat(4)), Token);

        Assert.All(steps, step => Assert.Equal((null, 0, null), (step.PracticeLoss, step.PracticeTokens, step.Practice)));
    }

    [Fact]
    public async Task A_run_of_practice_alone_closes_the_gap()
    {
        var options = Toy.Options with { MaxSteps = 60, Schedule = new() { Peak = 3e-3, WarmUpSteps = 0 } };
        var trainer = new Trainer(options, new TrainingRun { Student = Toy.Student });
        var steps = new List<TrainingStep>();
        using var subscription = trainer.Steps.Subscribe(steps.Add);

        await trainer.RunAsync(Toy.Channel(Enumerable.Range(0, 100_000).Select(at => Lessons.Practice(3, 8, 6, at % 3))), Token);

        Assert.All(steps, step => Assert.Equal((0.0, false), (step.Loss, step.Skipped)));
        Assert.InRange(steps[^1].PracticeLoss!.Value, 0, steps[0].PracticeLoss!.Value / 2);
    }

    [Fact]
    public void Alarms_tell_how_long_the_own_answers_are_which_repeat_themselves_and_which_do_not_end()
    {
        var alarms = PracticeAlarms.Of(
            [
                Own(10, 11, 12, 13, 14, 15, 2), Own(10, 11, 10, 11, 10, 11, 10, 11, 10, 11), Own(7, 7, 7, 7, 7, 7, 7, 2), Own(2),
                Lessons.Of(3, 9),
            ],
            Ends);

        Assert.Equal(new PracticeAlarms(4, (7 + 10 + 8 + 1) / 4.0, 0.5, 0.25), alarms);
        Assert.Null(PracticeAlarms.Of([Lessons.Of(3, 9)], Ends));

        static Lesson Own(params int[] answer) => Lessons.Practice(1, 2, 1) with { AnswerTokens = [.. answer] };
    }
}
