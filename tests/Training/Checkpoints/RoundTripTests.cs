using Orca.Model.Checkpoints;
using Orca.Model.Network;
using Orca.Training.Loss;
using Orca.Training.Packing;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Tests.Checkpoints;

/// <summary>What is published in Hugging Face's layout is what was trained, weight by weight and score by score.</summary>
public sealed class RoundTripTests
{
    // 32,001 rows: LLaMA's vocabulary and the [PAD] that the Orca paper added, more than the tokenizer beside it has.
    [Theory]
    [InlineData(286, true)]
    [InlineData(286, false)]
    [InlineData(32_001, true)]
    [InlineData(32_001, false)]
    public async Task A_published_student_has_the_very_weights_and_scores_of_the_one_that_goes_on_training(int rows, bool isTied)
    {
        using var folder = new TemporaryFolder();
        var config = Toy.Config with { VocabularySize = rows, TiedEmbeddings = isTied };
        var options = Toy.Options with
        {
            MaxSteps = 3,
            Schedule = Toy.Schedule with { Peak = 1e-2 },
            PublishAtStart = false,
            KeepCheckpoints = 1,
            Products = ProductKernels.Libtorch,
        };
        var run = new TrainingRun { Student = Toy.Student with { Config = config }, CheckpointRoot = folder.At("run") };

        var end = await new Trainer(options, run).RunAsync(Toy.Channel(Toy.Repeat(4)), TestContext.Current.CancellationToken);

        using var published = Checkpoint.Open(end.LastCheckpoint!);
        Assert.Equal((rows, isTied), (published.Config.VocabularySize, published.Config.TiedEmbeddings));
        using var learner = Resumed(options, run);
        using var model = new LlamaModel(published.Config, LlamaParameters.From(published.Config, published.Weight));
        Assert.Equal(Scores(learner.Model), Scores(model));
        foreach (var name in learner.Parameters.Names)
        {
            Assert.Equal(learner.Parameters.Leaf(name).data<float>().ToArray(), published.Weight(name).data<float>().ToArray());
        }
    }

    private static Learner Resumed(TrainerOptions options, TrainingRun run)
    {
        var learner = new Learner(run.Student.Config, options);
        Assert.NotNull(new Training.Checkpoints.CheckpointKeeper(options, run, TimeProvider.System).Resume(learner));
        return learner;
    }

    private static float[] Scores(LlamaModel model)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var batch = new BatchTensors(PackedBatch.Of([[Lessons.Of(4, 6, seed: 1), Lessons.Of(2, 9, seed: 2)]], 24), CPU);
        using var attention = new PackedAttention(batch.Segments_BT);
        return model.Logits(model.Hidden(batch.Tokens_BT, batch.Positions_BT, attention)).data<float>().ToArray();
    }
}
