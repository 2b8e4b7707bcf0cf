using System.Reactive.Linq;
using System.Threading.Channels;
using Orca.Model.Checkpoints;
using Orca.Streams.Curricula;
using Orca.Streams.Curricula.Lessons;

namespace Orca.Training.Tests.Checkpoints;

public sealed class PublishingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_publishes_at_the_start_every_few_steps_and_at_the_end_and_keeps_the_newest()
    {
        using var folder = new TemporaryFolder();
        var options = Toy.Options with { MaxSteps = 7, PublishEverySteps = 3, KeepCheckpoints = 2 };
        var (trainer, publications) = Trainer(options, folder.At("run"));

        var end = await trainer.RunAsync(Toy.Channel(Toy.Repeat(4)), Token);

        Assert.Equal([0, 3, 6, 7], publications.Select(publication => publication.Step));
        Assert.All(publications, publication => Assert.Null(publication.Fault));
        var root = new CheckpointRoot(folder.At("run"));
        Assert.Equal(end.LastCheckpoint, root.Latest());
        Assert.Equal(["step-00000006", "step-00000007"], root.List().Select(Path.GetFileName));
        using var checkpoint = Checkpoint.Open(end.LastCheckpoint!);
        Assert.Equal(
            (7, "step-00000006", 42), (checkpoint.Manifest!.Step, checkpoint.Manifest.Parent, checkpoint.Manifest.CurriculumRevision));
    }

    [Fact]
    public async Task A_request_is_answered_while_it_waits_for_lessons()
    {
        using var folder = new TemporaryFolder();
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var lessons = Channel.CreateUnbounded<Lesson>();
        var (trainer, _) = Trainer(Toy.Options with { PublishAtStart = false, PublishEverySteps = 0 }, folder.At("run"));
        var oneStep = new TaskCompletionSource();
        using var subscription = trainer.Steps.Subscribe(_ => oneStep.TrySetResult());
        var running = trainer.RunAsync(lessons.Reader, cancel.Token);
        foreach (var lesson in Toy.Repeat(4).Take(20))
        {
            lessons.Writer.TryWrite(lesson);
        }

        await oneStep.Task.WaitAsync(Token);
        var published = await trainer.PublishNowAsync(Token);
        var again = await trainer.PublishNowAsync(Token);

        Assert.Equal(folder.At("run/step-00000001"), published);
        Assert.Equal(published, again);
        await cancel.CancelAsync();
        await running;
        var error = await Assert.ThrowsAsync<TrainingException>(() => trainer.PublishNowAsync(Token));
        Assert.Contains("has stopped", error.Message);
    }

    [Fact]
    public async Task A_disk_that_refuses_is_reported_and_tried_again_and_neither_stops_the_run_nor_harms_the_last_checkpoint()
    {
        using var folder = new TemporaryFolder();
        var root = folder.At("run");
        File.WriteAllText(root, "a file where a folder must be");
        var (trainer, publications) = Trainer(Toy.Options with { MaxSteps = 9, PublishEverySteps = 2 }, root);
        using var subscription = trainer.Publications.Where(publication => publication.Step == 4).Subscribe(_ => File.Delete(root));

        var end = await trainer.RunAsync(Toy.Channel(Toy.Repeat(4)), Token);

        Assert.Equal([0L, 2, 4, 6, 8, 9], publications.Select(publication => publication.Step));
        Assert.Equal([true, true, true, false, false, false], publications.Select(publication => publication.Fault is not null));
        Assert.Equal((9, null), (end.Steps, end.PublishFault));
        Assert.Equal(["step-00000006", "step-00000008", "step-00000009"], new CheckpointRoot(root).List().Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_request_that_cannot_be_met_fails_with_the_reason()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var trainer = new Trainer(Toy.Options, new TrainingRun { Student = Toy.Student });
        var running = trainer.RunAsync(Channel.CreateUnbounded<Lesson>().Reader, cancel.Token);

        var error = await Assert.ThrowsAsync<TrainingException>(() => trainer.PublishNowAsync(Token));

        Assert.Contains("no folder for checkpoints", error.Message);
        await cancel.CancelAsync();
        await running;
    }

    private static (Trainer Trainer, List<Publication> Publications) Trainer(TrainerOptions options, string root)
    {
        var trainer = new Trainer(options, new TrainingRun
        {
            Student = Toy.Student,
            CheckpointRoot = root,
            Curriculum = _ => new CurriculumSnapshot([1, 2, 3], 42),
        });
        var publications = new List<Publication>();
        trainer.Publications.Subscribe(publications.Add);
        return (trainer, publications);
    }
}
