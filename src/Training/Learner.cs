using Orca.Model.Network;
using Orca.Training.Loss;
using Orca.Training.Optimization;
using Orca.Training.Packing;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training;

/// <summary>
/// The student while it learns: master weights, optimizer state and the network over them. One call of <see cref="Step"/> is one
/// optimizer step; nothing else changes the weights.
/// </summary>
/// <remarks>Every member must be called on one and the same thread: the one that made it owns its tensors.</remarks>
public sealed class Learner : IDisposable
{
    private readonly Device device;
    private readonly double maxGradientNorm;
    private readonly ChunkedLoss loss;

    /// <summary>A learner whose weights are still zero: fill them with <see cref="Load"/> first.</summary>
    /// <param name="config">Shape of the student.</param>
    /// <param name="options">How it learns.</param>
    /// <param name="mostLogits">Logits that exist at once, see <see cref="ChunkedLoss"/>.</param>
    public Learner(LlamaConfig config, TrainerOptions options, long mostLogits = ChunkedLoss.DefaultMostLogits)
    {
        device = torch.device(options.Device);
        maxGradientNorm = options.MaxGradientNorm;
        Parameters = new FlatParameters(ParameterSlot.Lay(LlamaParameters.ShapesOf(config)), options.Compute.ToScalarType(), device);
        Optimizer = options.Optimizer switch
        {
            OptimizerKind.Muon => new Muon(Parameters, options.Muon, options.AdamW),
            _ => new AdamW(Parameters, options.AdamW),
        };
        loss = new ChunkedLoss(Parameters, mostLogits);
        Model = new LlamaModel(config, LlamaParameters.From(config, Parameters.Leaf));
    }

    /// <summary>
    /// The network over the current weights, in the compute type. Use it between steps, under <c>no_grad</c>, and do not keep it.
    /// </summary>
    public LlamaModel Model { get; }

    /// <summary>Master weights and gradients.</summary>
    public FlatParameters Parameters { get; }

    /// <summary>The optimizer.</summary>
    public IOptimizer Optimizer { get; }

    /// <summary>Sets all weights.</summary>
    /// <param name="weight">Gives a weight by its Hugging Face name, of any type, on any device; borrowed.</param>
    public void Load(Func<string, Tensor> weight)
    {
        foreach (var slot in Parameters.Slots)
        {
            Parameters.Load(slot, weight(slot.Name));
        }

        Parameters.RefreshLeaves();
    }

    /// <summary>Learns from the micro-batches of one optimizer step.</summary>
    /// <returns>
    /// The loss before the step, the norm before clipping, and whether the step was made: it is not where either is not finite.
    /// </returns>
    public LearnerStep Step(IReadOnlyList<PackedBatch> microBatches, double learningRate)
    {
        using var scope = NewDisposeScope();
        var loss = Accumulate(microBatches);
        var norm = GradientClipping.Clip(Parameters.Gradients, maxGradientNorm);
        var finite = double.IsFinite(loss) && double.IsFinite(norm);
        if (finite)
        {
            Optimizer.Step(learningRate);
        }

        return new LearnerStep(loss, norm, finite);
    }

    /// <summary>Puts the gradient of the micro-batches' common loss into <see cref="FlatParameters.Gradients"/>.</summary>
    /// <returns>The loss: weighted by token over all of them together; 0 where no token bears loss.</returns>
    public double Accumulate(IReadOnlyList<PackedBatch> microBatches)
    {
        Parameters.ClearGradients();
        var stepWeight = microBatches.Sum(batch => batch.TotalWeight);
        return microBatches.Sum(batch => Backward(batch, stepWeight));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Model.Dispose();
        Optimizer.Dispose();
        Parameters.Dispose();
    }

    private double Backward(PackedBatch batch, double stepWeight)
    {
        using var scope = NewDisposeScope();
        using var tensors = new BatchTensors(batch, device);
        var share = loss.Backward(Model, tensors, stepWeight);
        Parameters.GatherGradients();
        return share;
    }
}

/// <summary>What <see cref="Learner.Step"/> did.</summary>
/// <param name="Loss">Token-weighted mean cross-entropy before the step, in nats.</param>
/// <param name="GradientNorm">Norm of the whole gradient before clipping.</param>
/// <param name="Made">Whether the weights changed.</param>
public readonly record struct LearnerStep(double Loss, double GradientNorm, bool Made);
