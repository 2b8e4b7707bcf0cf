using System.Buffers.Binary;
using System.Text;
using Orca.Model.Checkpoints;
using Orca.Model.Gguf;
using Orca.Model.Inference;
using Orca.Model.Network;
using Orca.Model.Weights;
using static TorchSharp.torch;

namespace Orca.Model.Tests.Gguf;

/// <summary>
/// Files that keep some matrices in Q6_K, as llama.cpp's usual Q4_0 files keep their output and sometimes their embedding.
/// What llama.cpp itself makes of them: <see cref="PeerAgreementTests"/>.
/// </summary>
public sealed class SixBitTests : IDisposable
{
    private const int Type = 14;
    private const int BlockBytes = 210;

    private static readonly LlamaConfig Config = TinyGguf.Config with
    {
        HiddenSize = 256,
        IntermediateSize = 512,
        HeadDim = 64,
        TiedEmbeddings = false,
    };

    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData("output.weight", LlamaParameters.HeadName, false)]
    [InlineData("token_embd.weight", LlamaParameters.EmbeddingName, false)]
    [InlineData("token_embd.weight", LlamaParameters.EmbeddingName, true)]
    public void Such_a_matrix_is_read_checked_and_computed_with(string tensor, string weight, bool tied)
    {
        var path = TinyGguf.Export(folder, Config with { TiedEmbeddings = tied }, WeightEncoding.Q8_0);
        Requantise(path, tensor);
        using var checkpoint = Checkpoint.Open(path, WeightAccess.Copied);
        Assert.Equal(0, checkpoint.Inspect(_ => { }, CancellationToken.None).NonFiniteValues);
        var rows = checkpoint.Rows(weight);
        Assert.Equal((WeightEncoding.Q6_K, 256), (rows.Encoding, rows.Columns));
        var values = new float[rows.Columns];
        using var decoded = checkpoint.Weight(weight);
        for (var row = 0; row < rows.Rows; row++)
        {
            using var scope = NewDisposeScope();
            rows.ReadFloats(row, values);
            Assert.Equal(values, decoded[row].data<float>().ToArray());
        }

        int[] tokens = [1, 5, 9, 3, 30, 12];
        var wanted = LogitsOf(checkpoint, new InferenceOptions { Backend = InferenceBackend.Torch });
        var spread = wanted.Max() - wanted.Min();
        foreach (var format in new[] { WeightFormat.Fp32, WeightFormat.Bf16, WeightFormat.Int8, WeightFormat.AsStored })
        {
            var found = LogitsOf(checkpoint, new InferenceOptions { Backend = InferenceBackend.Cpu, Weights = format, Threads = 1 });
            var largest = found.Zip(wanted, (a, b) => Math.Abs(a - b)).Max();
            Assert.True(largest < (format == WeightFormat.Fp32 ? 1e-4 : 0.03) * spread, $"{format}: {largest} of {spread}");
        }

        float[] LogitsOf(Checkpoint source, InferenceOptions options)
        {
            using var model = InferenceModels.Load(source, options);
            return EngineLogits.After(model, tokens);
        }
    }

    [Fact]
    public void A_scale_that_is_no_number_is_found()
    {
        var path = TinyGguf.Export(folder, Config, WeightEncoding.Q8_0);
        Requantise(path, "output.weight", brokenBlock: 3);
        using var checkpoint = Checkpoint.Open(path);
        var inspection = checkpoint.Inspect(_ => { }, CancellationToken.None);
        Assert.Equal([KeyValuePair.Create("output.weight", 1L)], inspection.NonFinite);
    }

    public void Dispose() => folder.Dispose();

    /// <summary>Makes a matrix of a file's Q8_0 one of random blocks of Q6_K, which take less room and so lie in its place.</summary>
    private static void Requantise(string path, string tensor, int brokenBlock = -1)
    {
        (long Offset, long Bytes) place;
        using (var file = GgufFile.Open(path))
        {
            place = (file.Tensors[tensor].Offset, file.Tensors[tensor].Bytes);
        }

        var bytes = File.ReadAllBytes(path);

        // The name, its rank of two, two sizes of eight bytes, the type.
        var name = Encoding.UTF8.GetBytes(tensor);
        var at = bytes.AsSpan().IndexOf([.. BitConverter.GetBytes((ulong)name.Length), .. name]) + 8 + name.Length + 4 + 16;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), Type);
        var random = new Random(1);
        for (var block = 0; block < place.Bytes / 272; block++)
        {
            var to = bytes.AsSpan((int)place.Offset + (block * BlockBytes), BlockBytes);
            random.NextBytes(to);
            BinaryPrimitives.WriteHalfLittleEndian(to[208..], block == brokenBlock ? Half.NaN : (Half)0.0002);
        }

        File.WriteAllBytes(path, bytes);
    }
}
