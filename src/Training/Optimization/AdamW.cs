using Orca.Model.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Optimization;

/// <summary>
/// AdamW with decoupled weight decay over <see cref="FlatParameters"/>: moments in float32, one fused kernel call for the decayed
/// and one for the other parameters.
/// </summary>
/// <remarks>Owned by the trainer's thread.</remarks>
public sealed class AdamW : IOptimizer
{
    private readonly FlatParameters parameters;
    private readonly AdamWOptions options;
    private readonly Group[] groups;
    private readonly Tensor stepCount;

    /// <summary>An optimizer that has made no step. Borrows the parameters.</summary>
    /// <param name="start">Index of the first element it moves; those before it are another optimizer's.</param>
    public AdamW(FlatParameters parameters, AdamWOptions options, long start = 0)
    {
        using var scope = NewDisposeScope();
        this.parameters = parameters;
        this.options = options;
        FirstMoments = zeros_like(parameters.Values).DetachFromDisposeScope();
        SecondMoments = zeros_like(parameters.Values).DetachFromDisposeScope();
        stepCount = zeros(1, ScalarType.Float32, parameters.Values.device).DetachFromDisposeScope();
        var decayed = Math.Max(start, parameters.DecayedCount);
        var all = parameters.Values.shape[0];
        groups = [.. new[] { (start, Count: decayed - start, options.WeightDecay), (decayed, all - decayed, 0) }
            .Where(part => part.Count > 0)
            .Select(part => new Group(this, part.start, part.Count, part.WeightDecay))];
    }

    /// <inheritdoc/>
    public long Steps { get; private set; }

    /// <inheritdoc/>
    public Tensor FirstMoments { get; }

    /// <inheritdoc/>
    public Tensor SecondMoments { get; }

    /// <inheritdoc/>
    public void Step(double learningRate)
    {
        using var guard = no_grad();
        Steps++;
        stepCount.Filled_(Steps);
        foreach (var group in groups)
        {
            Aten.FusedAdamW(
                [group.Values], [group.Gradients], [group.FirstMoments], [group.SecondMoments], [stepCount],
                learningRate, options.Beta1, options.Beta2, group.WeightDecay, options.Epsilon);
        }

        parameters.RefreshLeaves();
    }

    /// <inheritdoc/>
    public void Restore(long steps) => Steps = steps;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var group in groups)
        {
            group.Dispose();
        }

        FirstMoments.Dispose();
        SecondMoments.Dispose();
        stepCount.Dispose();
    }

    /// <summary>Views of a part of all buffers that shares one weight decay.</summary>
    private sealed class Group(AdamW owner, long start, long count, double weightDecay) : IDisposable
    {
        public double WeightDecay => weightDecay;

        public Tensor Values { get; } = Part(owner.parameters.Values, start, count);

        public Tensor Gradients { get; } = Part(owner.parameters.Gradients, start, count);

        public Tensor FirstMoments { get; } = Part(owner.FirstMoments, start, count);

        public Tensor SecondMoments { get; } = Part(owner.SecondMoments, start, count);

        public void Dispose()
        {
            Values.Dispose();
            Gradients.Dispose();
            FirstMoments.Dispose();
            SecondMoments.Dispose();
        }

        private static Tensor Part(Tensor buffer_N, long start, long count) => buffer_N.narrow(0, start, count).DetachFromDisposeScope();
    }
}
