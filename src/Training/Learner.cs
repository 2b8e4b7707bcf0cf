using System.Collections.Immutable;
using Orca.Model.Native;
using Orca.Model.Network;
using Orca.Model.Products;
using Orca.Training.Activations;
using Orca.Training.Adapters;
using Orca.Training.Loss;
using Orca.Training.Optimization;
using Orca.Training.Packing;
using Orca.Training.Parameters;
using Orca.Training.Practice;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training;

/// <summary>
/// The student while it learns: weights, optimizer state and the network over them. One call of <see cref="Step"/> is one
/// optimizer step; nothing else changes the weights.
/// </summary>
/// <remarks>Every member must be called on one and the same thread: the one that made it owns its tensors.</remarks>
public sealed class Learner : IDisposable
{
    private readonly Device device;
    private readonly double maxGradientNorm;
    private readonly ChunkedLoss loss;
    private readonly HintedPass hinted;
    private readonly PracticeLoss practice;
    private readonly Rounding rounding;
    private readonly Recompute recompute;
    private readonly bool inBackward;
    private readonly PanelOperators? operators;

    /// <summary>A learner whose weights are still zero: fill them with <see cref="Load"/> first.</summary>
    /// <param name="config">Shape of the student.</param>
    /// <param name="options">How it learns.</param>
    /// <param name="mostLogits">Logits that exist at once, see <see cref="ChunkedLoss"/>.</param>
    public Learner(LlamaConfig config, TrainerOptions options, long mostLogits = ChunkedLoss.DefaultMostLogits)
    {
        device = torch.device(options.Device);
        if (device.type == DeviceType.CPU)
        {
            FreedMemory.Keep();
        }

        maxGradientNorm = options.MaxGradientNorm;
        rounding = new Rounding(options.Seed, device);
        recompute = options.Recompute;
        inBackward = options.OptimizerInBackward;
        operators = ProductChoice.Operators(options, () => Adapted?.Frozen.Version ?? Parameters!.Version);
        Optimizer = Optimizers.Of(options, device, operators);
        Parameters = new StudentParameters(
            BucketLayout.Of(LoraShapes.Trained(config, options.Lora)), options.ParameterForms, Optimizer.HasSecondMoments, device);
        loss = new ChunkedLoss(Parameters, mostLogits, operators);
        hinted = new HintedPass(options.Practice.TopTokens, mostLogits);
        practice = new PracticeLoss(Parameters, options.Practice, mostLogits);
        if (options.Lora.IsOn)
        {
            Adapted = new AdaptedStudent(config, options.Lora, options.ParameterForms, Parameters, operators, device);
            Adapted.Initialize(options.Seed);
        }

        Model = new LlamaModel(config, Adapted is null
            ? LlamaParameters.From(config, Parameters.Leaf, operators)
            : LlamaParameters.From(config, Adapted.Frozen.Compute, operators, Adapted.Around));
    }

    /// <summary>
    /// The network over the current weights, in the compute type. Use it between steps, under <c>no_grad</c>, and do not keep it.
    /// </summary>
    public LlamaModel Model { get; }

    /// <summary>Weights, gradients and moments of what is trained: the student's own, or its adapters'.</summary>
    public StudentParameters Parameters { get; }

    /// <summary>The frozen weights beside which adapters are trained; null where the student's own are.</summary>
    public AdaptedStudent? Adapted { get; }

    /// <summary>Names of the student's weights.</summary>
    public IReadOnlyCollection<string> Names => Adapted?.Frozen.Names ?? Parameters.Names;

    /// <summary>The optimizer.</summary>
    public IOptimizer Optimizer { get; }

    /// <summary>One of the student's weights in float32, exactly, its adapter merged in; the caller's scope owns it.</summary>
    public Tensor Weights(string name) => Adapted?.Merged(name) ?? Parameters.Weights(name);

    /// <summary>The same in bfloat16 where it is kept in nothing else, without a copy; the caller's scope owns it.</summary>
    internal Tensor KeptWeights(string name) => Adapted?.KeptWeights(name) ?? Parameters.KeptWeights(name);

    /// <summary>Sets all weights of the student; adapters stay as they are.</summary>
    /// <param name="weight">Gives a weight by its Hugging Face name, of any type, on any device; borrowed.</param>
    public void Load(Func<string, Tensor> weight)
    {
        foreach (var name in Names)
        {
            Load(name, weight(name));
        }
    }

    /// <summary>Sets one of them.</summary>
    /// <param name="name">Its Hugging Face name.</param>
    /// <param name="weight">In its shape, of any type, on any device; borrowed.</param>
    public void Load(string name, Tensor weight)
    {
        if (Adapted is null)
        {
            Parameters.Load(name, weight);
        }
        else
        {
            Adapted.Frozen.Load(name, weight);
        }
    }

    /// <summary>Learns from the micro-batches of one optimizer step.</summary>
    /// <returns>
    /// The loss before the step, the norm before clipping, and whether the step was made: it is not where either is not finite.
    /// </returns>
    public LearnerStep Step(IReadOnlyList<PackedBatch> microBatches, double learningRate)
    {
        using var scope = NewDisposeScope();
        using var losses = new StepLosses(device);
        if (inBackward)
        {
            return StepInBackward(microBatches.Single(), learningRate, losses);
        }

        var found = Accumulate(microBatches, losses);
        var norm = GradientClipping.Clip(Parameters.Buckets, maxGradientNorm);
        var finite = found.IsFinite && double.IsFinite(norm);
        if (finite)
        {
            Begin(learningRate);
            foreach (var bucket in Parameters.Buckets)
            {
                Optimizer.Move(bucket, rounding);
            }

            Parameters.NoteChange();
        }

        return new LearnerStep(found.Teaching, norm, finite, losses.ByLesson()) { PracticeLoss = found.Practice };
    }

    /// <summary>Puts the gradient of the micro-batches' common loss into the parameters' gradients.</summary>
    /// <returns>
    /// The loss of the teachers' tokens: weighted by token over all of them together; 0 where no token bears loss.
    /// </returns>
    public double Accumulate(IReadOnlyList<PackedBatch> microBatches) => AccumulateAll(microBatches).Teaching;

    /// <summary>The same, with the loss of practice.</summary>
    internal LossParts AccumulateAll(IReadOnlyList<PackedBatch> microBatches)
    {
        using var losses = new StepLosses(device);
        return Accumulate(microBatches, losses);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Model.Dispose();
        Optimizer.Dispose();
        Adapted?.Dispose();
        Parameters.Dispose();
        rounding.Dispose();
        operators?.Dispose();
    }

    private LossParts Accumulate(IReadOnlyList<PackedBatch> microBatches, StepLosses losses)
    {
        Parameters.ClearGradients();
        var stepWeights = LossParts.WeightsOf(microBatches);
        return microBatches.Aggregate(default(LossParts), (sum, batch) => sum + Backward(batch, stepWeights, losses));
    }

    private void Begin(double learningRate)
    {
        Optimizer.Begin(learningRate);
        rounding.Begin(Optimizer.Steps);
    }

    // Each layer is moved as soon as its gradients are there, and they are released.
    private LearnerStep StepInBackward(PackedBatch batch, double learningRate, StepLosses losses)
    {
        Parameters.ClearGradients();
        using var tensors = new BatchTensors(batch, device);
        using var scores = tensors.Practice is null ? null : hinted.Of(Model, batch);
        using var pass = tensors.Predictors_M is null ? null : StudentPass.Forward(Model, tensors, recompute);
        var (found, slope_ME) = pass is null
            ? default
            : SlopeOf(batch, tensors, pass.Hidden_ME, scores, LossParts.WeightsOf([batch]), losses);
        if (!found.IsFinite)
        {
            return new LearnerStep(found.Teaching, double.NaN, Made: false, losses.ByLesson()) { PracticeLoss = found.Practice };
        }

        Begin(learningRate);
        var squares = 0.0;
        var left = Parameters.Buckets.ToHashSet();
        pass?.Backward(slope_ME!, layer => MoveWhere(bucket => bucket.FirstLayer == layer));
        MoveWhere(_ => true);
        Parameters.NoteChange();
        return new LearnerStep(found.Teaching, Math.Sqrt(squares), double.IsFinite(squares), losses.ByLesson())
        {
            PracticeLoss = found.Practice,
        };

        void MoveWhere(Func<BucketLayout, bool> chosen)
        {
            foreach (var bucket in Parameters.Buckets.Where(bucket => chosen(bucket.Layout) && left.Remove(bucket)))
            {
                squares += Move(bucket);
            }
        }
    }

    // The sum of the squares of its gradients; where that is not finite the bucket stays as it is.
    private double Move(ParameterBucket bucket)
    {
        using var guard = no_grad();
        Parameters.CollectGradients(bucket);
        bucket.Gradients.Gather();
        var squares = bucket.Gradients.SquaredNorm(bucket.Runs);
        if (double.IsFinite(squares))
        {
            Optimizer.Move(bucket, rounding);
        }

        bucket.Gradients.Release();
        return squares;
    }

    private LossParts Backward(PackedBatch batch, LossParts stepWeights, StepLosses losses)
    {
        using var scope = NewDisposeScope();
        using var tensors = new BatchTensors(batch, device);
        if (tensors.Predictors_M is null)
        {
            return default;
        }

        using var scores = tensors.Practice is null ? null : hinted.Of(Model, batch);
        using var pass = StudentPass.Forward(Model, tensors, recompute);
        var (share, slope_ME) = SlopeOf(batch, tensors, pass.Hidden_ME, scores, stepWeights, losses);
        pass.Backward(slope_ME);
        operators?.ThrowFault();
        Parameters.GatherGradients();
        return share;
    }

    // A micro-batch's shares of the step's losses, and the slope of their sum in the hidden states that bear loss.
    private (LossParts Share, Tensor Slope_ME) SlopeOf(
        PackedBatch batch, BatchTensors tensors, Tensor hidden_ME, HintedScores? scores, LossParts stepWeights, StepLosses losses)
    {
        if (scores is null)
        {
            var targets = tensors.Targets!;
            var (only, slope_NE) = loss.SlopeOf(Model, hidden_ME, targets, stepWeights.Teaching, losses.Of(batch, targets.Places));
            return (new LossParts(only, 0), slope_NE);
        }

        var (own, taught) = (tensors.Practice!, hidden_ME.shape[0] - tensors.Practice!.Weights_N.shape[0]);
        var (practised, slope_PE) = practice.SlopeOf(
            Model, hidden_ME.narrow(0, taught, hidden_ME.shape[0] - taught), own, scores, stepWeights.Practice);
        if (tensors.Targets is not { } beside)
        {
            return (new LossParts(0, practised), slope_PE);
        }

        var (share, besides_NE) = loss.SlopeOf(
            Model, hidden_ME.narrow(0, 0, taught), beside, stepWeights.Teaching, losses.Of(batch, beside.Places));
        return (new LossParts(share, practised), cat([besides_NE, slope_PE]));
    }
}

/// <summary>What <see cref="Learner.Step"/> did.</summary>
/// <param name="Loss">Token-weighted mean cross-entropy before the step, in nats.</param>
/// <param name="GradientNorm">Norm of the whole gradient before clipping.</param>
/// <param name="Made">Whether the weights changed.</param>
/// <param name="Lessons">The loss of every lesson that bears loss, before the step.</param>
public readonly record struct LearnerStep(double Loss, double GradientNorm, bool Made, ImmutableArray<LessonLoss> Lessons)
{
    /// <summary>Mean divergence at the student's own tokens before the step, in nats; 0 where there are none.</summary>
    public double PracticeLoss { get; init; }

    /// <summary>Whether all numbers are the same, to the bit.</summary>
    public bool Equals(LearnerStep other) =>
        (Loss, GradientNorm, Made, PracticeLoss).Equals((other.Loss, other.GradientNorm, other.Made, other.PracticeLoss))
        && Lessons.Select(lesson => (lesson.Sum, lesson.Tokens)).SequenceEqual(other.Lessons.Select(lesson => (lesson.Sum, lesson.Tokens)));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Loss, GradientNorm, Made);
}
