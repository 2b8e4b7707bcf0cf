using Orca.Model.Inference;
using Orca.Model.Inference.Cpu;
using Orca.Model.Network;
using Orca.Model.Tests.Network;
using Orca.Model.Weights;
using Orca.Tests.Shared;

namespace Orca.Model.Tests.Inference.Cpu;

/// <summary>Memory that is refused: nothing of it is lost, and what needs less goes on.</summary>
public sealed class StepBuffersTests
{
    [Fact]
    public unsafe void A_step_that_is_refused_its_memory_leaves_room_for_smaller_ones()
    {
        Assert.SkipWhen(
            PromisesWhatItLacks(),
            "this system promises memory that it does not have (vm.overcommit_memory is 1), so none is ever refused");
        using var model = new ToyModel(ToyModel.Config);
        using var parameters = CpuParameters.Pack(ToyModel.Config, name => new TensorRows(model.Weights[name]), WeightFormat.Fp32, 1);
        using var buffers = new StepBuffers(parameters, 1);
        buffers.Reserve(4);
        Assert.Throws<OutOfMemoryException>(() => buffers.Reserve(int.MaxValue));
        foreach (var tokens in new[] { 4, 400 })
        {
            buffers.Reserve(tokens);
            new Span<float>(buffers.Hidden, (int)(tokens * buffers.HiddenStride)).Fill(1);
            new Span<float>(buffers.Wide, (int)(tokens * buffers.WideStride)).Fill(1);
            new Span<float>(buffers.Attended, (int)(tokens * buffers.AttendedStride)).Fill(1);
            Assert.NotNull(buffers.Packed);
        }

        Assert.Throws<OutOfMemoryException>(() => buffers.Reserve(int.MaxValue));
    }

    [Fact]
    public void A_model_that_cannot_be_made_gives_its_weights_back()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux tells how much is mapped in this way");
        var config = new LlamaConfig
        {
            VocabularySize = 64,
            HiddenSize = 1_024,
            IntermediateSize = 4_096,
            Layers = 4,
            Heads = 16,
            KvHeads = 16,
            MaxPositions = 32,
        };
        var weights = new RandomWeights(config, WeightEncoding.Q8_0);
        var options = new InferenceOptions { Weights = WeightFormat.AsStored, Cache = (CacheFormat)99, Threads = 1 };
        var before = MappedBytes();
        const int Tries = 40;
        for (var i = 0; i < Tries; i++)
        {
            Assert.Throws<InvalidOperationException>(() => CpuInferenceModel.Load(config, weights.Rows, options));
        }

        // Each try maps 70 MB of weights; other tests come and go meanwhile.
        Assert.InRange(MappedBytes() - before, long.MinValue, Tries * 70_000_000L / 2);
    }

    private static bool PromisesWhatItLacks() =>
        File.Exists("/proc/sys/vm/overcommit_memory") && File.ReadAllText("/proc/sys/vm/overcommit_memory").Trim() == "1";

    private static long MappedBytes() => long.Parse(
        File.ReadAllText("/proc/self/statm").Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture) * Environment.SystemPageSize;
}
