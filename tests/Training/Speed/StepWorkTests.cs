using Orca.Model.Network;
using Orca.Training.Packing;
using Orca.Training.Parameters;
using Orca.Training.Speed;

namespace Orca.Training.Tests.Speed;

/// <summary>What a step needs, by the formula that everybody's rates are given by, and what it could reach at most.</summary>
public sealed class StepWorkTests
{
    [Fact]
    public void Thirteen_billion_parameters_need_80_gigaflops_a_token_of_documents_of_2048()
    {
        var work = new StepWork(LlamaShapes.ByName["13b"]);
        var lesson = Lessons.Of(1_000, 1_048, seed: 1);

        // 6·(13.016 - 0.164)·10^9 + 6·40·5120·2048.
        Assert.Equal(79.6e9, work.Of([PackedBatch.Of([[lesson]], 2_048)]) / 2_048, 0.05e9);
    }

    [Fact]
    public void Padding_costs_nothing_and_documents_do_not_see_one_another()
    {
        var work = new StepWork(Toy.Config);
        var (one, other) = (Lessons.Of(4, 6, seed: 1), Lessons.Of(3, 5, seed: 2));

        var together = work.Of([PackedBatch.Of([[one, other]], 24)]);
        var apart = work.Of([PackedBatch.Of([[one], [other]], 12)]);

        Assert.Equal(together, apart);
        Assert.Equal(together, work.Of([PackedBatch.Of([[one]], 64), PackedBatch.Of([[other]], 64)]));
    }

    [Theory]
    [InlineData("NVIDIA H200", 989e12)]
    [InlineData("NVIDIA H100 PCIe", 756e12)]
    [InlineData("NVIDIA H100 80GB HBM3", 989e12)]
    [InlineData("NVIDIA A100-SXM4-80GB", 312e12)]
    [InlineData("NVIDIA GeForce RTX 4090", 165e12)]
    [InlineData("Some other device", null)]
    [InlineData(null, null)]
    public void What_the_data_sheet_of_a_device_promises_is_known_by_its_name(string? name, double? flops) =>
        Assert.Equal(flops, SpeedOfLight.DataSheetOf(name));

    [Fact]
    public async Task Every_step_says_what_share_of_the_product_it_reached_once_that_is_measured()
    {
        using var folder = new TemporaryFolder();
        var run = new TrainingRun { Student = Toy.Student, MetricsFile = folder.At("metrics.jsonl") };
        var trainer = new Trainer(Toy.Options with { MaxSteps = 25, Compute = ComputeType.Float32 }, run);
        var steps = new List<TrainingStep>();
        trainer.Steps.Subscribe(steps.Add);

        await trainer.RunAsync(Toy.Channel(Toy.Repeat(4)), TestContext.Current.CancellationToken);

        Assert.All(steps.Take(20), step => Assert.Null(step.ShareOfProduct));
        Assert.All(steps.Skip(20), step =>
        {
            Assert.Equal(step.Flops / step.Elapsed.TotalSeconds / step.Limit!.Product, step.ShareOfProduct!.Value, 1e-9);
            Assert.InRange(step.ShareOfProduct.Value, double.Epsilon, 1);
            Assert.Null(step.ShareOfDataSheet);
            Assert.True(step.MemoryBytes > 0);
            Assert.Equal(step.TeacherTokens / step.Elapsed.TotalSeconds, step.TeacherTokensPerSecond, 1e-6);
        });
        var line = File.ReadLines(folder.At("metrics.jsonl")).Last();
        Assert.All(
            new[] { "\"teacher_tokens_per_second\":", "\"share_of_product\":0", "\"mfu\":null", "\"memory_bytes\":" },
            key => Assert.Contains(key, line));
    }
}
