using System.Diagnostics;
using Orca.Model.Network;
using Orca.Model.Products;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Speed;

/// <summary>
/// The fastest product here in the sizes of a shape's feed-forward layer, of the server's kernels and libtorch's: what training could
/// reach at most.
/// </summary>
/// <remarks>Owned by the thread that made it.</remarks>
public sealed class BestProduct : IDisposable
{
    private const int Tries = 3;

    private readonly Tensor inputs;
    private readonly List<ILinears> linears = [];
    private readonly List<Tensor> tensors;
    private readonly PanelOperators? own;

    /// <summary>Makes its operands.</summary>
    /// <param name="config">The shape.</param>
    /// <param name="tokens">Rows of the product.</param>
    /// <param name="bfloat16">Whether in bf16, else fp32.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="device">Where.</param>
    public BestProduct(LlamaConfig config, int tokens, bool bfloat16, int threads, Device device)
    {
        var dtype = bfloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
        inputs = randn([tokens, config.HiddenSize], ScalarType.Float32, device).DetachFromDisposeScope();
        var weight = randn([config.IntermediateSize, config.HiddenSize], ScalarType.Float32, device).DetachFromDisposeScope();
        tensors = [inputs, weight, inputs.to(dtype, device, copy: true), weight.to(dtype, device, copy: true)];
        tensors.ForEach(tensor => tensor.DetachFromDisposeScope());
        linears.Add(new LibtorchLinear(tensors[2], tensors[3]));
        if (device.type == DeviceType.CPU && PanelOperators.CanRun(bfloat16))
        {
            own = PanelOperators.Create(bfloat16, threads, () => 0);
            linears.Add(own.Linears([new LinearWeights(weight)], isReused: true));
        }

        Flops = 2.0 * tokens * config.HiddenSize * config.IntermediateSize;
    }

    /// <summary>Bytes of its operands, in float32 and as they are multiplied, of the weight's panels, and of a product.</summary>
    public static long BytesOf(LlamaConfig config, int tokens, bool bfloat16)
    {
        var each = bfloat16 ? sizeof(short) : sizeof(float);
        var (inputs, weight) = ((long)tokens * config.HiddenSize, (long)config.IntermediateSize * config.HiddenSize);
        return ((inputs + weight) * (sizeof(float) + each)) + (weight * each) + ((long)tokens * config.IntermediateSize * sizeof(float));
    }

    /// <summary>Multiply-adds of one product, each counted as two.</summary>
    private double Flops { get; }

    /// <summary>Operations a second, now: of each the best of some tries.</summary>
    public double FlopsPerSecond()
    {
        using var guard = no_grad();
        return linears.Max(linears => Flops / Enumerable.Range(0, Tries + 1).Select(_ => Seconds(linears)).Skip(1).Min());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        own?.Dispose();
        tensors.ForEach(tensor => tensor.Dispose());
    }

    private double Seconds(ILinears linears)
    {
        using var scope = NewDisposeScope();
        var started = Stopwatch.GetTimestamp();
        var output = linears.Forward(inputs)[0];
        if (inputs.device_type == DeviceType.CUDA)
        {
            cuda.synchronize();
        }

        _ = output;
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>One product of given operands, already in their dtype.</summary>
    private sealed class LibtorchLinear(Tensor inputs, Tensor weight) : ILinears
    {
        public IReadOnlyList<Tensor> Forward(Tensor x) => [nn.functional.linear(inputs, weight)];
    }
}
