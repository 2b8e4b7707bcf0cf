using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Parameters;

/// <summary>
/// Some tens of megabytes of parameters with their gradients and moments: the unit of everything that happens to weights. Owned by the
/// trainer's thread.
/// </summary>
public sealed class ParameterBucket : IDisposable
{
    // Short runs stay in the processor's caches from one operator to the next; a GPU wants long ones.
    private const long RunOnProcessor = 1 << 17;
    private const long RunOnDevice = 1 << 24;

    // A multiple of the slots' alignment.
    private const long RunOnLoad = 1 << 22;

    private readonly long run;

    /// <summary>Zeros.</summary>
    /// <param name="layout">What is where.</param>
    /// <param name="forms">What it is kept in.</param>
    /// <param name="hasSecondMoments">Whether the optimizer keeps second moments of these parameters.</param>
    /// <param name="device">Where everything lies.</param>
    public ParameterBucket(BucketLayout layout, ParameterForms forms, bool hasSecondMoments, Device device)
    {
        Layout = layout;
        Weights = forms.NewWeights(layout.Size, device);
        // The head's gradient grows in several passes, chunk by chunk, even where a step has one micro-batch.
        var sums = forms.SumGradients || !layout.AreLayerMatrices;
        Gradients = new GradientBuffer(layout.Size, forms, sums, forms.HoldGradients || !layout.AreLayerMatrices, device);
        FirstMoments = forms.NewMoments(layout.Size, signed: true, device);
        SecondMoments = hasSecondMoments ? forms.NewMoments(layout.Size, signed: false, device) : null;
        var isWhole = Weights.IsFloat32 && FirstMoments.IsFloat32;
        run = isWhole ? layout.Size : device.type == DeviceType.CPU ? RunOnProcessor : RunOnDevice;
    }

    /// <summary>What is where.</summary>
    public BucketLayout Layout { get; }

    /// <summary>The weights.</summary>
    public NumberStore Weights { get; }

    /// <summary>The gradients.</summary>
    public GradientBuffer Gradients { get; }

    /// <summary>Means of the gradients, or Muon's momentum.</summary>
    public NumberStore FirstMoments { get; }

    /// <summary>Means of their squares; null where the optimizer keeps none.</summary>
    public NumberStore? SecondMoments { get; }

    /// <summary>What the network computes with; borrowed.</summary>
    public Tensor Compute_N => ((IComputeWeights)Weights).Compute_N;

    /// <summary>Bytes of memory.</summary>
    public long Bytes => Weights.Bytes + Gradients.Bytes + FirstMoments.Bytes + (SecondMoments?.Bytes ?? 0);

    /// <summary>
    /// The runs of elements that are worked on one after another: all at once where everything is float32; else as many as make the copies
    /// that are worked on small beside the bucket.
    /// </summary>
    public IEnumerable<(long Start, long Count)> Runs
    {
        get
        {
            for (var start = 0L; start < Layout.Size; start += run)
            {
                yield return (start, Math.Min(run, Layout.Size - start));
            }
        }
    }

    /// <summary>A view of one parameter in a buffer of the bucket's layout; the caller disposes it.</summary>
    public static Tensor View(Tensor buffer_N, ParameterSlot slot)
    {
        using var flat = buffer_N.narrow(0, slot.Offset, slot.Count);
        return flat.view([.. slot.Shape]);
    }

    /// <summary>Numbers of one parameter in its shape, exactly; the caller's scope owns them.</summary>
    public static Tensor Numbers(NumberStore store, ParameterSlot slot)
    {
        using var padded = store.Read(slot.Offset, slot.End - slot.Offset);
        using var flat = padded.narrow(0, 0, slot.Count);
        return flat.view([.. slot.Shape]);
    }

    /// <summary>
    /// Sets the numbers of one parameter, to the nearest that the store knows; a run at a time, so that little is copied at once.
    /// </summary>
    /// <param name="store">One of the bucket's.</param>
    /// <param name="slot">The parameter.</param>
    /// <param name="numbers">In its shape, of any type, on any device.</param>
    public static void SetNumbers(NumberStore store, ParameterSlot slot, Tensor numbers)
    {
        using var guard = no_grad();
        using var flat = numbers.reshape(-1);
        for (var start = 0L; start < slot.Count; start += RunOnLoad)
        {
            using var scope = NewDisposeScope();
            var run_n = store.Read(slot.Offset + start, Math.Min(RunOnLoad, slot.End - slot.Offset - start));
            var count = Math.Min(RunOnLoad, slot.Count - start);
            run_n.narrow(0, 0, count).copy_(flat.narrow(0, start, count));
            store.Write(slot.Offset + start, run_n, Rounding.Nearest);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Weights.Dispose();
        Gradients.Dispose();
        FirstMoments.Dispose();
        SecondMoments?.Dispose();
    }
}
