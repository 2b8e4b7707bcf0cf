using System.Reactive.Linq;
using System.Threading.Channels;
using Orca.Model.Checkpoints;
using Orca.Streams.Curricula.Lessons;
using Orca.Training.Checkpoints;
using Orca.Training.Memory;
using Orca.Training.Optimization;
using Orca.Training.Packing;
using Orca.Training.Parameters;

namespace Orca.Training.Tests.Checkpoints;

/// <summary>A checkpoint is written from a copy of its step while training goes on.</summary>
public sealed class BackgroundWritingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Training_goes_on_while_a_checkpoint_is_written_which_holds_its_own_step()
    {
        using var folder = new TemporaryFolder();
        using var later = new CountdownEvent(6);
        var wentOn = true;
        var tokenizer = new SavedTokenizer(Toy.Tokenizer, () => wentOn &= later.Wait(TimeSpan.FromMinutes(1), Token));
        var options = Toy.Options with { MaxSteps = 8, PublishEverySteps = 0, PublishAtStart = true };
        var (trainer, publications) = Trainer(options, folder.At("beside"), tokenizer);
        trainer.Steps.Where(_ => !later.IsSet).Subscribe(_ => later.Signal());

        await trainer.RunAsync(Toy.Channel(Toy.Repeat(4)), Token);

        Assert.True(wentOn, "training stood still until the checkpoint was written");
        Assert.Equal([0L, 8], publications.Select(publication => publication.Step));
        var (still, _) = Trainer(options with { PublishInBackground = false }, folder.At("still"), Toy.Tokenizer);
        await still.RunAsync(Toy.Channel(Toy.Repeat(4)), Token);
        foreach (var step in new[] { "step-00000000", "step-00000008" })
        {
            Assert.Equal(Files(folder.At($"still/{step}")), Files(folder.At($"beside/{step}")));
        }
    }

    [Theory]
    [InlineData(WeightForm.Float32, ComputeType.BFloat16)]
    [InlineData(WeightForm.Split, ComputeType.Float32)]
    [InlineData(WeightForm.BFloat16, ComputeType.BFloat16)]
    [InlineData(WeightForm.BFloat16, ComputeType.Float32)]
    public async Task What_is_published_is_the_same_whether_training_goes_on_or_stands_still(WeightForm weights, ComputeType published)
    {
        using var folder = new TemporaryFolder();
        var options = Toy.Options with
        {
            MaxSteps = 6,
            PublishEverySteps = 1,
            Compute = ComputeType.BFloat16,
            Weights = weights,
            States = StateForm.Int8,
            PublishedWeights = published,
            Products = ProductKernels.Libtorch,
        };
        foreach (var isBeside in new[] { true, false })
        {
            var (trainer, publications) =
                Trainer(options with { PublishInBackground = isBeside }, folder.At(isBeside ? "beside" : "still"), Toy.Tokenizer);
            await trainer.RunAsync(Toy.Channel(Toy.Repeat(4)), Token);
            Assert.Equal([0L, 1, 2, 3, 4, 5, 6], publications.Select(publication => publication.Step));
            Assert.All(publications, publication => Assert.InRange(publication.Held, TimeSpan.Zero, publication.Elapsed));
        }

        foreach (var step in Directory.GetDirectories(folder.At("still")).Select(Path.GetFileName))
        {
            Assert.Equal(Files(folder.At($"still/{step}")), Files(folder.At($"beside/{step}")));
        }
    }

    [Fact]
    public async Task A_request_is_answered_when_its_step_is_written_and_not_by_an_older_one_under_way()
    {
        using var folder = new TemporaryFolder();
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var go = new ManualResetEventSlim();
        var options = Toy.Options with { PublishEverySteps = 0, PublishAtStart = true };
        var (trainer, _) = Trainer(options, folder.At("run"), new SavedTokenizer(Toy.Tokenizer, () => go.Wait(Token)));
        var lessons = Channel.CreateUnbounded<Lesson>();
        var oneStep = new TaskCompletionSource();
        trainer.Steps.Subscribe(_ => oneStep.TrySetResult());
        var running = trainer.RunAsync(lessons.Reader, cancel.Token);
        foreach (var lesson in Toy.Repeat(4).Take(20))
        {
            lessons.Writer.TryWrite(lesson);
        }

        await oneStep.Task.WaitAsync(Token);
        var request = trainer.PublishNowAsync(Token);
        Assert.False(request.IsCompleted);
        go.Set();

        Assert.Equal(folder.At("run/step-00000001"), await request);
        await cancel.CancelAsync();
        await running;
    }

    [Fact]
    public async Task What_goes_wrong_unforeseen_while_it_writes_ends_the_run_with_that()
    {
        using var folder = new TemporaryFolder();
        var tokenizer = new SavedTokenizer(Toy.Tokenizer, () => throw new NotSupportedException("no such tokenizer"));
        var (trainer, _) = Trainer(Toy.Options with { MaxSteps = 5 }, folder.At("run"), tokenizer);

        var error = await Assert.ThrowsAsync<NotSupportedException>(() => trainer.RunAsync(Toy.Channel(Toy.Repeat(4)), Token));

        Assert.Equal("no such tokenizer", error.Message);
        Assert.Null(new CheckpointRoot(folder.At("run")).Latest());
    }

    [Theory]
    [InlineData(WeightForm.Float32, ComputeType.Float32, OptimizerKind.AdamW)]
    [InlineData(WeightForm.Float32, ComputeType.BFloat16, OptimizerKind.Muon)]
    [InlineData(WeightForm.Split, ComputeType.BFloat16, OptimizerKind.AdamW)]
    [InlineData(WeightForm.BFloat16, ComputeType.Float32, OptimizerKind.AdamW)]
    public void The_ledger_knows_the_copy(WeightForm weights, ComputeType published, OptimizerKind optimizer)
    {
        var options = Toy.Options with
        {
            Compute = ComputeType.BFloat16,
            Weights = weights,
            States = StateForm.Int8,
            PublishedWeights = published,
            Optimizer = optimizer,
            Products = ProductKernels.Libtorch,
        };
        using var learner = Toy.Learner(options);
        var saved = new SavedRun(new TrainerState(), new LessonPacker(new PackingOptions(24, 4, 50)).State, TrainingRecipe.Of(options));
        using var snapshot = RunSnapshot.Of(learner, options, saved, curriculum: null);
        var held = snapshot.Weights.Values.Concat(snapshot.Optimizer.Values).Sum(tensor => tensor.numel() * tensor.element_size());

        var planned = MemoryLedger.Of(Toy.Config, options).Entries.Single(entry => entry.Name == "a checkpoint's copy").Bytes;

        // Buckets have gaps between parameters, which a copy leaves out.
        Assert.InRange(held, 0.9 * planned, planned);
        var ended = options with { PublishEverySteps = 0, PublishAtStart = false };
        Assert.Equal(0, MemoryLedger.Of(Toy.Config, ended).Entries.Single(entry => entry.Name == "a checkpoint's copy").Bytes);
    }

    // By name, without the manifest, which has the time in it.
    private static Dictionary<string, string> Files(string folder) => Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
        .Where(path => !path.EndsWith("orca.json", StringComparison.Ordinal))
        .ToDictionary(path => Path.GetRelativePath(folder, path), path => Convert.ToBase64String(File.ReadAllBytes(path)));

    private static (Trainer Trainer, List<Publication> Publications) Trainer(
        TrainerOptions options, string root, Orca.Model.Tokenization.ITokenizer tokenizer)
    {
        var run = new TrainingRun { Student = Toy.Student with { Tokenizer = tokenizer }, CheckpointRoot = root };
        var trainer = new Trainer(options, run);
        var publications = new List<Publication>();
        trainer.Publications.Subscribe(publications.Add);
        return (trainer, publications);
    }
}
