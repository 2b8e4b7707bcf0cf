using Orca.Model.Weights;
using static TorchSharp.torch;

namespace Orca.Tests.Shared;

/// <summary>The rows of a tensor in memory, as a file of its type would give them.</summary>
internal sealed class TensorRows : IWeightRows
{
    private readonly byte[] bytes;
    private readonly int rowBytes;

    public TensorRows(Tensor tensor)
    {
        bytes = tensor.contiguous().bytes.ToArray();
        Encoding = tensor.dtype switch
        {
            ScalarType.BFloat16 => WeightEncoding.BF16,
            ScalarType.Float16 => WeightEncoding.F16,
            _ => WeightEncoding.F32,
        };
        Rows = tensor.dim() == 1 ? 1 : (int)tensor.shape[0];
        Columns = (int)tensor.shape[^1];
        rowBytes = bytes.Length / Rows;
    }

    public WeightEncoding Encoding { get; }

    public int Rows { get; }

    public int Columns { get; }

    public ReadOnlySpan<byte> Row(int index) => bytes.AsSpan(index * rowBytes, rowBytes);
}
