using Orca.Model.Native;
using Orca.Model.Network;
using Orca.Training.Parameters;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Adapters;

/// <summary>A student whose own weights are frozen, and the adapters that are trained beside them. Owned by the trainer's thread.</summary>
public sealed class AdaptedStudent : IDisposable
{
    // The adapters' random numbers are others than those of a fresh student's weights, which the same seed gives.
    private const ulong Stream = 0x4C6F_5241_4C6F_5241;

    private readonly LoraOptions options;
    private readonly StudentParameters adapters;
    private readonly INetworkOperators operators;

    /// <summary>Frozen weights that are zero, and adapters that do nothing yet.</summary>
    /// <param name="config">Shape of the student.</param>
    /// <param name="options">Which adapters; at least one.</param>
    /// <param name="forms">What weights are kept in.</param>
    /// <param name="adapters">The adapters' parameters, as <see cref="LoraShapes.Trained"/> names them; borrowed.</param>
    /// <param name="operators">What computes their products; null: libtorch.</param>
    /// <param name="device">Where everything lies.</param>
    public AdaptedStudent(
        LlamaConfig config, LoraOptions options, ParameterForms forms, StudentParameters adapters, INetworkOperators? operators,
        Device device)
    {
        (this.options, this.adapters, this.operators) = (options, adapters, operators ?? new TorchOperators());
        Frozen = new FrozenWeights(LlamaParameters.ShapesOf(config), forms, device);
    }

    /// <summary>The student's own weights, by their Hugging Face names.</summary>
    public FrozenWeights Frozen { get; }

    /// <summary>
    /// Gives every A its first numbers, uniform up to 1/√I either way (Kaiming, as PEFT has it); every B is zero: the student is what it
    /// would be without adapters. The same seed gives the same on every device.
    /// </summary>
    public void Initialize(long seed)
    {
        using var guard = no_grad();
        using var generator = new Generator((ulong)seed ^ Stream);
        foreach (var projection in Adapted)
        {
            using var scope = NewDisposeScope();
            var shape = adapters.Leaf(LoraShapes.DownOf(projection)).shape;
            var uniform = rand(shape, ScalarType.Float32, generator: generator).Times_(2).Plus_(-1).Times_(1 / Math.Sqrt(shape[1]));
            adapters.Load(LoraShapes.DownOf(projection), uniform);
        }
    }

    /// <summary>What takes the place of projections of one input: they themselves, with the adapters that stand beside them.</summary>
    /// <param name="projections">Their names, without <c>.weight</c>.</param>
    /// <param name="linears">The projections.</param>
    public ILinears Around(IReadOnlyList<string> projections, ILinears linears)
    {
        var adapted = projections.Where(IsAdapted).ToList();
        return adapted.Count == 0
            ? linears
            : new LoraLinears(
                linears,
                operators.Linears([.. adapted.Select(name => new LinearWeights(adapters.Leaf(LoraShapes.DownOf(name))))]),
                [.. projections.Select(name => IsAdapted(name)
                    ? operators.Linears([new LinearWeights(adapters.Leaf(LoraShapes.UpOf(name)))])
                    : null)],
                options.Scale);
    }

    /// <summary>One weight in float32 with its adapter merged in, W + scale · B·A: what is published; the caller's scope owns it.</summary>
    /// <param name="name">Its Hugging Face name.</param>
    public Tensor Merged(string name)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var weights = Frozen.Weights(name);
        if (options.Adapts(name))
        {
            var projection = LoraShapes.ProjectionOf(name);
            var (up, down) = (adapters.Weights(LoraShapes.UpOf(projection)), adapters.Weights(LoraShapes.DownOf(projection)));
            weights = weights.Plus(up.matmul(down), options.Scale);
        }

        return weights.MoveToOuterDisposeScope();
    }

    /// <summary>The same; in bfloat16, without a copy, where it has no adapter and is kept so. The caller's scope owns it.</summary>
    public Tensor KeptWeights(string name) => options.Adapts(name) ? Merged(name) : Frozen.KeptWeights(name);

    /// <inheritdoc/>
    public void Dispose() => Frozen.Dispose();

    private IEnumerable<string> Adapted => Frozen.Names.Where(options.Adapts).Select(LoraShapes.ProjectionOf);

    private bool IsAdapted(string projection) => options.Adapts(projection + ".weight");
}
