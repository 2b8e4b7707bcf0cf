using Orca.Model.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Parameters;

// N elements of a bucket, n of a run of them.

/// <summary>
/// A bucket's gradients: what the backward pass adds to, in the compute type, and, where that is narrower than float32, the sum of several
/// passes. Owned by the trainer's thread.
/// </summary>
public sealed class GradientBuffer : IDisposable
{
    private readonly long count;
    private readonly ScalarType type;
    private readonly Device device;
    private readonly Tensor? sum_N;
    private Tensor? pass_N;
    private double factor = 1;

    /// <summary>Zeros.</summary>
    /// <param name="count">N.</param>
    /// <param name="forms">What they are kept in.</param>
    /// <param name="sums">Whether several passes are added up.</param>
    /// <param name="held">Whether they are there between steps; else each step allocates its own and releases them.</param>
    /// <param name="device">Where they lie.</param>
    public GradientBuffer(long count, ParameterForms forms, bool sums, bool held, Device device)
    {
        (this.count, type, this.device) = (count, forms.Compute.ToScalarType(), device);
        IsHeld = held;
        pass_N = held ? zeros(count, type, device).DetachFromDisposeScope() : null;
        sum_N = sums && type != ScalarType.Float32 ? zeros(count, ScalarType.Float32, device).DetachFromDisposeScope() : null;
    }

    /// <summary>Whether they are there between steps.</summary>
    public bool IsHeld { get; }

    /// <summary>Bytes of memory.</summary>
    public long Bytes => ((pass_N?.numel() ?? 0) * (pass_N?.element_size() ?? 0)) + ((sum_N?.numel() ?? 0) * sizeof(float));

    /// <summary>Where the backward pass adds one parameter's gradient, in its shape; the caller disposes it.</summary>
    public Tensor PassOf(ParameterSlot slot) => ParameterBucket.View(Pass_N, slot);

    /// <summary>Sets all to zero.</summary>
    public void Clear()
    {
        factor = 1;
        pass_N?.zero_();
        sum_N?.zero_();
    }

    /// <summary>Adds what the backward pass that just ran gave to the sum. Call it once after each.</summary>
    public void Gather()
    {
        if (sum_N is not null)
        {
            sum_N.Plus_(Pass_N);
            Pass_N.zero_();
        }
    }

    /// <summary>The same for one parameter alone, whose gradient grows in several passes.</summary>
    public void Gather(ParameterSlot slot)
    {
        if (sum_N is not null)
        {
            using var gathered = sum_N.narrow(0, slot.Offset, slot.Count);
            using var grown = Pass_N.narrow(0, slot.Offset, slot.Count);
            gathered.Plus_(grown);
            grown.zero_();
        }
    }

    /// <summary>Allocates those of one step, where they are not held: zeros.</summary>
    public void Allocate() => pass_N ??= zeros(count, type, device).DetachFromDisposeScope();

    /// <summary>Frees what is not held.</summary>
    public void Release()
    {
        if (!IsHeld)
        {
            pass_N?.Dispose();
            pass_N = null;
            factor = 1;
        }
    }

    /// <summary>A run of the gradients in float32, scaled: to be read alone.</summary>
    /// <returns>[n] float32; the caller's scope owns it.</returns>
    public Tensor Read(long start, long count)
    {
        var run_n = (sum_N ?? Pass_N).narrow(0, start, count);
        if (run_n.dtype == ScalarType.Float32 && factor == 1)
        {
            return run_n;
        }

        using (run_n)
        {
            return run_n.to_type(ScalarType.Float32, copy: true).Times_(factor);
        }
    }

    /// <summary>Sets a run of the gradients.</summary>
    /// <param name="start">First of them.</param>
    /// <param name="gradients_n">[n], of any type.</param>
    public void Write(long start, Tensor gradients_n)
    {
        using var run_n = (sum_N ?? Pass_N).narrow(0, start, gradients_n.shape[0]);
        run_n.copy_(gradients_n);
    }

    /// <summary>Multiplies all by a factor until they are cleared, without rounding them.</summary>
    public void Scale(double factor) => this.factor *= factor;

    /// <summary>The sum of their squares, infinite or not a number where one of them is.</summary>
    /// <param name="runs">The bucket's runs.</param>
    public double SquaredNorm(IEnumerable<(long Start, long Count)> runs)
    {
        var sum = 0.0;
        foreach (var (start, count) in runs)
        {
            using var scope = NewDisposeScope();
            var norm = (double)Read(start, count).norm().item<float>();
            sum += norm * norm;
        }

        return sum;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        pass_N?.Dispose();
        sum_N?.Dispose();
    }

    private Tensor Pass_N => pass_N ?? throw new InvalidOperationException("The gradients of this step have not been allocated yet.");
}
