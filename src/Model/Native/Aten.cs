using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Model.Native;

/// <summary>
/// The operators of libtorch that TorchSharp does not offer, called through libtorch's stable C interface.
/// All are differentiable where the operator is. Returned tensors belong to the caller's dispose scope.
/// </summary>
public static unsafe class Aten
{
    // The interface is versioned by the libtorch it was written against: 2.10.
    private const ulong AbiVersion = (2UL << 56) | (10UL << 48);

    private const int WidestFlashHead = 256;

    private static readonly delegate* unmanaged<byte*, byte*, ulong*, ulong, int> CallDispatcher =
        (delegate* unmanaged<byte*, byte*, ulong*, ulong, int>)Export("torch_call_dispatcher");

    private static readonly delegate* unmanaged<nint, nint*, int> NewTensorHandle =
        (delegate* unmanaged<nint, nint*, int>)Export("aoti_torch_new_tensor_handle");

    private static readonly delegate* unmanaged<void*, long, long*, long*, long, int, int, int, nint*, int> CreateFromBlob =
        (delegate* unmanaged<void*, long, long*, long*, long, int, int, int, nint*, int>)Export("aoti_torch_create_tensor_from_blob");

    private static readonly delegate* unmanaged<nint, void**, int> GetDataPointer =
        (delegate* unmanaged<nint, void**, int>)Export("aoti_torch_get_data_ptr");

    private static readonly delegate* unmanaged<nuint, nint*, int> NewListReserveSize =
        (delegate* unmanaged<nuint, nint*, int>)Export("torch_new_list_reserve_size");

    private static readonly delegate* unmanaged<nint, ulong, int> ListPushBack =
        (delegate* unmanaged<nint, ulong, int>)Export("torch_list_push_back");

    /// <summary>A contiguous CPU tensor over memory that the caller keeps alive and never frees before the tensor.</summary>
    public static Tensor FromBlob(void* data, ReadOnlySpan<long> shape, ScalarType dtype) => FromBlob(data, shape, dtype, CPU);

    /// <summary>
    /// The bits of a contiguous tensor as numbers of another type of the same size, in the same memory; the caller disposes it before the
    /// tensor.
    /// </summary>
    public static Tensor BitsOf(Tensor tensor, ScalarType dtype) => FromBlob(DataPointer(tensor), tensor.shape, dtype, tensor.device);

    /// <summary>Whether two tensors begin at the same place.</summary>
    public static bool IsSameMemory(Tensor one, Tensor other) => DataPointer(one) == DataPointer(other);

    private static Tensor FromBlob(void* data, ReadOnlySpan<long> shape, ScalarType dtype, Device device)
    {
        Span<long> strides = stackalloc long[shape.Length];
        var stride = 1L;
        for (var i = shape.Length - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= Math.Max(1, shape[i]);
        }

        nint handle;
        fixed (long* sizesPointer = shape)
        {
            fixed (long* stridesPointer = strides)
            {
                // TorchSharp numbers dtypes and kinds of devices as ATen does.
                Check(
                    CreateFromBlob(
                        data, shape.Length, sizesPointer, stridesPointer, 0, (int)dtype, (int)device.type,
                        Math.Max(0, device.index), &handle),
                    "create_tensor_from_blob");
            }
        }

        return Tensor.UnsafeCreateTensor(handle);
    }

    /// <summary>Where a tensor's first value lies, in its device's memory; valid as long as the tensor.</summary>
    public static void* DataPointer(Tensor tensor)
    {
        void* data;
        Check(GetDataPointer(tensor.Handle, &data), "get_data_ptr");
        return data;
    }

    /// <summary>Rows of <paramref name="weight"/> [V, E] named by <paramref name="ids"/> [...] (int64): [..., E].</summary>
    public static Tensor Embedding(Tensor weight, Tensor ids)
    {
        var stack = new OperatorStack(stackalloc ulong[5]);
        stack.Add(weight);
        stack.Add(ids);
        stack.Add(-1L); // no padding index
        stack.Add(false);
        stack.Add(false);
        Call("aten::embedding"u8, stack);
        return Result(stack, 0);
    }

    /// <summary>
    /// <paramref name="x"/> [..., E] over the root of its mean square, times <paramref name="weight"/> [E] of the same dtype.
    /// Accumulates in fp32 for narrower dtypes.
    /// </summary>
    public static Tensor RmsNorm(Tensor x, Tensor weight, double epsilon)
    {
        var stack = new OperatorStack(stackalloc ulong[4]);
        stack.Add(x);
        stack.Add([weight.shape[0]]);
        stack.AddOptional(weight);
        stack.AddOptional(epsilon);
        Call("aten::rms_norm"u8, stack);
        return Result(stack, 0);
    }

    /// <summary>
    /// softmax(query keyᵀ / √D + mask) value, all [B, H, T, D] with any strides whose last is 1.
    /// </summary>
    /// <param name="query">[B, H, T, D].</param>
    /// <param name="key">[B, H, S, D], or [B, K, S, D] with H a multiple of K where <paramref name="grouped"/>.</param>
    /// <param name="value">As <paramref name="key"/>.</param>
    /// <param name="mask">Added to the scores; [B or 1, H or 1, T, S] of the query's dtype; null: none.</param>
    /// <param name="causal">Query t sees keys 0..t only; not together with a mask.</param>
    /// <param name="grouped">Each key head serves H/K query heads.</param>
    public static Tensor Attention(Tensor query, Tensor key, Tensor value, Tensor? mask, bool causal = false, bool grouped = false)
    {
        var stack = new OperatorStack(stackalloc ulong[8]);
        stack.Add(query);
        stack.Add(key);
        stack.Add(value);
        stack.AddOptional(mask);
        stack.Add(0.0);
        stack.Add(causal);
        stack.AddNone();
        stack.Add(grouped);
        Call("aten::scaled_dot_product_attention"u8, stack);
        return Result(stack, 0);
    }

    /// <summary>Whether <see cref="FlashAttention"/> knows heads of a type and a width, on CUDA.</summary>
    public static bool CanFlash(ScalarType dtype, long headDim) =>
        dtype is ScalarType.BFloat16 or ScalarType.Float16 && headDim % 8 == 0 && headDim <= WidestFlashHead;

    /// <summary>
    /// Flash attention of sequences of different lengths, on CUDA in half precision. The queries of a sequence are the last of
    /// its tokens; each sees all up to itself.
    /// </summary>
    /// <param name="query">[N, H, D], the sequences one after another.</param>
    /// <param name="key">[L, K, D] with H a multiple of K; any strides whose last is 1.</param>
    /// <param name="value">As <paramref name="key"/>.</param>
    /// <param name="queryStarts">[B + 1] int32: where each sequence's queries begin, and the end.</param>
    /// <param name="keyStarts">[B + 1] int32: where each sequence's keys begin, and the end where there are no counts.</param>
    /// <param name="keyCounts">[B] int32: how many keys each has; null where they lie one after another.</param>
    /// <param name="maxQueries">Most queries of a sequence.</param>
    /// <param name="maxKeys">Most keys of a sequence.</param>
    /// <param name="window">How many of the last keys a query sees, its own included; null: all.</param>
    /// <returns>[N, H, D].</returns>
    public static Tensor FlashAttention(
        Tensor query, Tensor key, Tensor value, Tensor queryStarts, Tensor keyStarts, Tensor? keyCounts, long maxQueries, long maxKeys,
        int? window = null)
    {
        // Libtorch after 2.10 may have further optional arguments: zeroes behind the known ones leave them out.
        var stack = new OperatorStack(stackalloc ulong[24]);
        stack.Add(query);
        stack.Add(key);
        stack.Add(value);
        stack.AddOptional(queryStarts);
        stack.AddOptional(keyStarts);
        stack.Add(maxQueries);
        stack.Add(maxKeys);
        stack.Add(0.0); // no dropout
        stack.Add(true); // causal, aligned at the ends
        stack.Add(false); // no debug mask
        stack.AddNone(); // scale: 1/√D
        stack.AddOptional(window is { } seen ? seen - 1L : null); // before the query's own
        stack.AddOptional(window is null ? null : 0L);
        stack.AddOptional(keyCounts);
        stack.AddNone(); // no slopes
        Call("aten::_flash_attention_forward"u8, stack);
        for (var other = 1; other < 5; other++)
        {
            Result(stack, other).Dispose();
        }

        return Result(stack, 0);
    }

    /// <summary>
    /// The exact product of int8 matrices [M, K] and [K, N]: [M, N] int32. Not differentiable. CUDA wants M above 16 and
    /// K and N divisible by 8.
    /// </summary>
    public static Tensor Int8Product(Tensor left, Tensor right)
    {
        var stack = new OperatorStack(stackalloc ulong[2]);
        stack.Add(left);
        stack.Add(right);
        Call("aten::_int_mm"u8, stack);
        return Result(stack, 0);
    }

    /// <summary>
    /// One step of AdamW in place on all <paramref name="parameters"/> at once. All lists are of equal length; the
    /// moments have the shape and dtype of their parameter, each step count is a float32 scalar that has already
    /// been advanced for this step.
    /// </summary>
    public static void FusedAdamW(
        IReadOnlyList<Tensor> parameters,
        IReadOnlyList<Tensor> gradients,
        IReadOnlyList<Tensor> firstMoments,
        IReadOnlyList<Tensor> secondMoments,
        IReadOnlyList<Tensor> steps,
        double learningRate,
        double beta1,
        double beta2,
        double weightDecay,
        double epsilon)
    {
        var stack = new OperatorStack(stackalloc ulong[15]);
        stack.Add(parameters);
        stack.Add(gradients);
        stack.Add(firstMoments);
        stack.Add(secondMoments);
        stack.Add(Array.Empty<Tensor>());
        stack.Add(steps);
        stack.Add(learningRate);
        stack.Add(beta1);
        stack.Add(beta2);
        stack.Add(weightDecay);
        stack.Add(epsilon);
        stack.Add(false); // amsgrad
        stack.Add(false); // maximize
        stack.AddNone();
        stack.AddNone();
        Call("aten::_fused_adamw_"u8, stack);
    }

    internal static nint NewHandle(Tensor tensor)
    {
        nint handle;
        Check(NewTensorHandle(tensor.Handle, &handle), "new_tensor_handle");
        GC.KeepAlive(tensor);
        return handle;
    }

    internal static nint NewList(int capacity)
    {
        nint list;
        Check(NewListReserveSize((nuint)capacity, &list), "new_list_reserve_size");
        return list;
    }

    internal static void PushBack(nint list, ulong word) => Check(ListPushBack(list, word), "list_push_back");

    private static Tensor Result(OperatorStack stack, int index) => Tensor.UnsafeCreateTensor((nint)stack.Words[index]);

    private static void Call(ReadOnlySpan<byte> name, OperatorStack stack)
    {
        fixed (byte* namePointer = name)
        {
            fixed (byte* overload = "\0"u8)
            {
                fixed (ulong* words = stack.Words)
                {
                    Check(CallDispatcher(namePointer, overload, words, AbiVersion), name);
                }
            }
        }
    }

    private static void Check(int status, string function)
    {
        if (status != 0)
        {
            throw new InvalidOperationException($"libtorch's {function} failed with status {status}; its own message went to the error "
                + "stream.");
        }
    }

    private static void Check(int status, ReadOnlySpan<byte> function)
    {
        if (status != 0)
        {
            Check(status, System.Text.Encoding.UTF8.GetString(function));
        }
    }

    private static nint Export(string name) => NativeLibrary.GetExport(TorchRuntime.CpuLibrary, name);
}
