using System.Runtime.InteropServices;
using Orca.Model.Network;
using Orca.Model.Weights;

namespace Orca.Model.Inference;

/// <summary>
/// Weights of a model that nobody trained, to time engines on: norms are one, biases zero, matrices random. Values repeat after 2^20, so
/// that they take no memory of their own; the bytes moved and the arithmetic done are those of a real model.
/// </summary>
public sealed class RandomWeights
{
    private const int Period = 1 << 20;

    private readonly LlamaConfig config;
    private readonly WeightEncoding encoding;
    private readonly byte[] bytes;
    private readonly byte[] ones;
    private readonly byte[] zeros;

    /// <param name="config">The model's shape.</param>
    /// <param name="encoding">How the matrices are written.</param>
    public RandomWeights(LlamaConfig config, WeightEncoding encoding)
    {
        (this.config, this.encoding) = (config, encoding);
        var random = new Random(0);
        bytes = new byte[encoding.BytesOf(Period)];
        if (encoding.BlockValues() > 1)
        {
            random.NextBytes(bytes);
            for (var block = 0; block < bytes.Length; block += encoding.BlockBytes())
            {
                WriteScales(bytes.AsSpan(block, encoding.BlockBytes()));
            }
        }
        else
        {
            for (var i = 0; i < Period; i++)
            {
                Write(bytes.AsSpan(i * encoding.BlockBytes()), (float)(0.04 * (random.NextDouble() + random.NextDouble() - 1)));
            }
        }

        var longest = (int)LlamaParameters.ShapesOf(config with { Layers = 1 }).Where(shape => shape.IsVector).Max(shape => shape.Count);
        ones = MemoryMarshal.AsBytes(Enumerable.Repeat(1f, longest).ToArray().AsSpan()).ToArray();
        zeros = new byte[ones.Length];
    }

    /// <summary>A weight by its Hugging Face name.</summary>
    public IWeightRows Rows(string name)
    {
        var shape = LlamaParameters.ShapesOf(config).Single(shape => shape.Name == name);
        return shape.IsVector
            ? new Repeated(shape.IsBias ? zeros : ones, WeightEncoding.F32, 1, (int)shape.Count)
            : new Repeated(bytes, encoding, (int)shape.Shape[0], (int)shape.Shape[1]);
    }

    /// <summary>Such scales as make the deviation of the weights about 0.02; what else a block has stays random.</summary>
    private void WriteScales(Span<byte> block)
    {
        switch (encoding)
        {
            case WeightEncoding.Q8_0:
                MemoryMarshal.Write(block, (Half)0.0003f);
                break;
            case WeightEncoding.Q4_K or WeightEncoding.Q5_K:
                MemoryMarshal.Write(block, (Half)(encoding == WeightEncoding.Q4_K ? 0.0001f : 0.00005f));
                MemoryMarshal.Write(block[sizeof(ushort)..], (Half)0.0008f);
                break;
            case WeightEncoding.Q6_K:
                MemoryMarshal.Write(block[208..], (Half)0.00002f);
                break;
            default:
                MemoryMarshal.Write(block, (Half)0.005f);
                break;
        }
    }

    private void Write(Span<byte> to, float value)
    {
        switch (encoding)
        {
            case WeightEncoding.F32:
                MemoryMarshal.Write(to, value);
                break;
            case WeightEncoding.BF16:
                MemoryMarshal.Write(to, (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16));
                break;
            default:
                MemoryMarshal.Write(to, (Half)value);
                break;
        }
    }

    private sealed class Repeated(byte[] bytes, WeightEncoding encoding, int rows, int columns) : IWeightRows
    {
        private readonly int rowBytes = checked((int)encoding.BytesOf(columns));
        private readonly int places = (int)((bytes.Length / encoding.BytesOf(columns)) is > 0 and var count ? count : 1);

        public WeightEncoding Encoding => encoding;

        public int Rows => rows;

        public int Columns => columns;

        public ReadOnlySpan<byte> Row(int index) => bytes.AsSpan(index % places * rowBytes, rowBytes);
    }
}
