using System.Runtime.ExceptionServices;
using Orca.Model.Inference.Cpu.Kernels;
using Orca.Model.Inference.Cpu.Machine;
using Orca.Model.Inference.Cpu.MachineCode;
using Orca.Model.Native;
using Orca.Model.Network;
using static TorchSharp.torch;

namespace Orca.Model.Products;

/// <summary>
/// Trains a network on the processor with the kernels that serving multiplies with, in fp32 or in bf16 with sums in fp32; weights,
/// activations and gradients are fp32 either way. Equal to the bit from run to run and for any number of threads.
/// </summary>
/// <remarks>
/// Gradients of weights are added where they belong, to the weight's <c>grad</c>, and not handed to autograd first. Where the gradient
/// is to be differentiated itself, libtorch computes it. Owned by one thread, which runs the network and its backward pass.
/// </remarks>
public sealed class PanelOperators : INetworkOperators, IDisposable
{
    /// <summary>Under which a function's context keeps its operators.</summary>
    internal const string Owner = "owner";

    private readonly Func<long> weightsVersion;
    private readonly List<Tensor> handedOver = [];
    private NativeBuffer? attentionMemory;
    private ExceptionDispatchInfo? fault;

    private PanelOperators(TileKernel kernel, int threads, Func<long> weightsVersion)
    {
        this.weightsVersion = weightsVersion;
        Products = new PanelProducts(kernel, threads);
    }

    internal PanelProducts Products { get; }

    /// <summary>Panels of weights that are used once before they change: of several that are used together.</summary>
    internal List<PanelBuffer> WeightPanels { get; } = [];

    /// <summary>Panels of the inputs of the gradient of a weight.</summary>
    internal PanelBuffer InputPanels { get; } = new();

    internal List<PanelBuffer> KeptPanels { get; } = [];

    /// <summary>Whether this processor and system have what the kernels need.</summary>
    /// <param name="bfloat16">Whether products are to be in bf16, by instructions made for it.</param>
    public static bool CanRun(bool bfloat16) => bfloat16 ? PanelKernels.RunBFloat16 : PanelKernels.Run;

    /// <summary>Whether libtorch's own products use all that the processor has: its MKL does so on Intel's alone.</summary>
    public static bool LibtorchIsFast => Processor.IsIntel;

    /// <summary>Operators of so many threads, the caller's included.</summary>
    /// <param name="bfloat16">Whether operands of products are rounded to bf16.</param>
    /// <param name="threads">At least 1.</param>
    /// <param name="weightsVersion">Another number after every change of the weights.</param>
    /// <exception cref="PlatformNotSupportedException">They cannot run here: see <see cref="CanRun"/>.</exception>
    public static PanelOperators Create(bool bfloat16, int threads, Func<long> weightsVersion) => CanRun(bfloat16)
        ? new PanelOperators(bfloat16 ? PanelKernels.BFloat16() : PanelKernels.Float32(), threads, weightsVersion)
        : throw new PlatformNotSupportedException("Training's own products need a processor with AVX-512, on Linux.");

    /// <inheritdoc/>
    public ILinears Linears(IReadOnlyList<LinearWeights> weights, bool isReused = false) => new PanelLinears(this, weights, isReused);

    /// <inheritdoc/>
    public Tensor Embed(Tensor weight_VE, Tensor tokens_BT) => weight_VE.requires_grad && is_grad_enabled()
        ? EmbeddingFunction.apply(weight_VE, tokens_BT, this)
        : Aten.Embedding(weight_VE, tokens_BT);

    /// <inheritdoc/>
    public Tensor GatedSilu(Tensor gate, Tensor up)
    {
        var (gates, ups) = (gate.contiguous(), up.contiguous());
        return is_grad_enabled() ? GatedSiluFunction.apply(gates, ups, this) : GatedSiluFunction.Compute(this, gates, ups);
    }

    /// <inheritdoc/>
    public Tensor Norm(Tensor x, Tensor weight_E, double epsilon)
    {
        var rows = x.contiguous();
        return is_grad_enabled()
            ? NormFunction.apply(rows, weight_E, this, epsilon)
            : NormFunction.Compute(this, rows, weight_E, epsilon);
    }

    /// <inheritdoc/>
    public Tensor Turn(Tensor x_BTHD, Tensor cosine_BT1D, Tensor sine_BT1D)
    {
        var heads = x_BTHD.contiguous();
        return is_grad_enabled()
            ? TurnFunction.apply(heads, cosine_BT1D, sine_BT1D, this)
            : TurnFunction.Compute(this, heads, cosine_BT1D, sine_BT1D, isBack: false);
    }

    /// <inheritdoc/>
    public IPackedAttention Attention(Tensor segments_BT) => new PanelAttention(this, segments_BT);

    /// <summary>
    /// The products of pairs of matrices, [S, R, K] times [S, K, C]: [S, R, C]; the caller's scope owns it. fp32; not differentiable.
    /// </summary>
    /// <param name="left_SRK">The left ones.</param>
    /// <param name="right">[S, K, C], or [S, C, K] where they are <paramref name="isTransposed"/>.</param>
    /// <param name="isTransposed">Whether each of the right ones lies transposed.</param>
    /// <param name="isSymmetric">Whether the products are known to equal their transposes: half of each is computed.</param>
    /// <param name="isLeftSymmetric">Whether the left ones equal their transposes but for rounding: these are read, faster.</param>
    public unsafe Tensor BatchedProduct(
        Tensor left_SRK, Tensor right, bool isTransposed = false, bool isSymmetric = false, bool isLeftSymmetric = false)
    {
        using var lefts = left_SRK.contiguous();
        using var rights = right.contiguous();
        var (count, rows, inner) = (lefts.shape[0], (int)lefts.shape[1], (int)lefts.shape[2]);
        var columns = (int)rights.shape[isTransposed ? 1 : 2];
        var outputs = empty([count, rows, columns], ScalarType.Float32);
        for (var i = 0L; i < count; i++)
        {
            Products.Pack(InputPanels, new Operand(Data.Of(rights) + (i * inner * columns), columns, inner, isTransposed));
            var output = Data.Of(outputs) + (i * rows * columns);
            Products.Multiply(
                new Operand(Data.Of(lefts) + (i * rows * inner), rows, inner, isInnermost: !isLeftSymmetric),
                [InputPanels.Into(output, adds: false)], isSymmetric);
            if (isSymmetric)
            {
                Symmetry.Complete(output, rows);
            }
        }

        return outputs;
    }

    /// <summary>The weighted sum of the cross-entropies of rows of logits, divided by a weight; the caller's scope owns it.</summary>
    /// <param name="logits_NV">[N, V] fp32, contiguous; overwritten.</param>
    /// <param name="tokens_N">[N] int64: the target token ids.</param>
    /// <param name="weights_N">[N] fp32.</param>
    /// <param name="totalWeight">Above 0.</param>
    /// <param name="tokenLosses_N">[N] fp64, contiguous: gets the cross-entropies, not weighted; null: nobody asks.</param>
    /// <returns>Scalar float64, as <c>TokenLoss</c> sums.</returns>
    public Tensor CrossEntropy(
        Tensor logits_NV, Tensor tokens_N, Tensor weights_N, double totalWeight, Tensor? tokenLosses_N = null) =>
        CrossEntropyFunction.apply(
            logits_NV, tokens_N.contiguous(), weights_N.contiguous(), this, totalWeight,
            tokenLosses_N ?? empty(logits_NV.shape[0], ScalarType.Float64));

    /// <summary>Throws what a backward pass ran into: nothing may be thrown through libtorch. Call it after each.</summary>
    public void ThrowFault()
    {
        var found = fault;
        fault = null;
        Release();
        found?.Throw();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Release();
        foreach (var panels in KeptPanels.Concat(WeightPanels).Append(InputPanels))
        {
            panels.Dispose();
        }

        attentionMemory?.Dispose();
        Products.Dispose();
    }

    internal long WeightsVersion => weightsVersion();

    /// <summary>Memory for attention, at least so many bytes; what it held is gone.</summary>
    internal unsafe byte* AttentionMemory(long bytes)
    {
        if (attentionMemory is null || attentionMemory.Bytes < bytes)
        {
            attentionMemory?.Dispose();
            attentionMemory = new NativeBuffer(bytes);
        }

        return attentionMemory.Data;
    }

    /// <summary>Makes <see cref="WeightPanels"/> for so many projections.</summary>
    internal void Reserve(int count)
    {
        while (WeightPanels.Count < count)
        {
            WeightPanels.Add(new PanelBuffer());
        }
    }

    /// <summary>Runs a backward function; where it fails, its gradients are left out, and the fault is kept.</summary>
    /// <param name="inputs">Inputs of the function.</param>
    /// <param name="context">What it saved.</param>
    /// <param name="slopes">The slopes in its outputs.</param>
    /// <param name="backward">Of what was saved and the slopes: gives a gradient, or none, for each input.</param>
    internal List<Tensor?> Guarded(
        int inputs, autograd.AutogradContext context, List<Tensor> slopes, Func<List<Tensor>, List<Tensor>, List<Tensor?>> backward)
    {
        // Autograd has taken these over by now, but for the handles.
        Release();
        try
        {
            var saved = context.get_saved_variables();
            var gradients = backward(saved, slopes);
            handedOver.AddRange(gradients.OfType<Tensor>());
            if (!is_grad_enabled())
            {
                // Handles too: left to the caller's scope they would keep every slope until the pass has ended.
                saved.ForEach(tensor => tensor.Dispose());
                slopes.ForEach(tensor => tensor.Dispose());
            }

            return gradients;
        }
        catch (Exception e)
        {
            fault ??= ExceptionDispatchInfo.Capture(e);
            return [.. Enumerable.Repeat<Tensor?>(null, inputs)];
        }
    }

    private void Release()
    {
        foreach (var tensor in handedOver)
        {
            tensor.Dispose();
        }

        handedOver.Clear();
    }
}
