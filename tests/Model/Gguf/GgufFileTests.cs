using System.Buffers.Binary;
using CsCheck;
using Orca.Model.Checkpoints;
using Orca.Model.Gguf;
using Orca.Model.Network;
using Orca.Model.Weights;

namespace Orca.Model.Tests.Gguf;

public sealed class GgufFileTests : IDisposable
{
    // Where the counts lie, and the first tensor's entry in a file without metadata: name of one letter, rank 2, sizes, type, offset.
    private const int Version = 4, TensorCount = 8, MetadataCount = 16, NameLength = 24, Rank = 33, Columns = 37, Type = 53, Offset = 57, SecondOffset = 90;

    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Metadata_of_every_type_is_read_as_it_was_written()
    {
        using var file = GgufFile.Open(TinyGguf.Write(folder["a"], writer =>
        {
            writer.Add("text", "Grüße\n");
            writer.Add("whole", 7u);
            writer.Add("real", 0.1f);
            writer.Add("yes", true);
            writer.Add("texts", new[] { "", "a", "▁b" });
            writer.Add("reals", new[] { 1.5f, -2f });
            writer.Add("wholes", new[] { 3, -4 });
        }));
        var metadata = file.Metadata;
        Assert.Equal("Grüße\n", metadata.Text("text"));
        Assert.Equal(7, metadata.Integer("whole"));
        Assert.Equal(7.0, metadata.Number("whole"));
        Assert.Equal(0.1f, metadata.Number("real"));
        Assert.True(metadata.Flag("yes"));
        Assert.Equal(["", "a", "▁b"], metadata.Texts("texts")!);
        Assert.Equal([1.5f, -2f], metadata.Reals("reals")!);
        Assert.Equal([3, -4], metadata.Integers("wholes")!);
        Assert.Null(metadata.Text("absent"));
        Assert.Null(metadata.Reals("absent"));
        Assert.Contains(
            "whole is UInt32; it must be a text", Assert.Throws<ModelFormatException>(() => metadata.Text("whole")).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "reals is a list of Float32; it must be a list of "
                + "texts", Assert.Throws<ModelFormatException>(() => metadata.Texts("reals")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Tensors_are_read_as_they_were_written()
    {
        using var file = GgufFile.Open(WriteTwo());
        Assert.Equal([2, 32], file.Tensors["a"].Shape);
        var rows = file.Rows(file.Tensors["b"], pairedHeadDim: 0);
        var values = new float[32];
        rows.ReadFloats(0, values);
        Assert.All(values, value => Assert.Equal(3f, value));
    }

    [Theory]
    [InlineData(0, 0, "does not begin with 'GGUF'")]
    [InlineData(Version, 1, "is of GGUF version 1; supported are 2 and 3")]
    [InlineData(Version, 3 << 24, "big-endian")]
    [InlineData(TensorCount, 1000, "claims 1000 of tensors")]
    [InlineData(MetadataCount, int.MaxValue, "claims 2147483647 of metadata values")]
    [InlineData(NameLength, 1 << 20, "has a tensor's name of 1048576 bytes")]
    [InlineData(Rank, 0, "of 0 dimensions; it must have 1 to 4")]
    [InlineData(Rank, 5, "of 5 dimensions; it must have 1 to 4")]
    [InlineData(Columns, 0, "which is nothing")]
    [InlineData(Columns, int.MaxValue, "may be truncated")]
    [InlineData(Version, 4, "is of GGUF version 4, newer than this program knows; supported are 2 and 3")]
    [InlineData(Type, 10, "has the tensor 'a', which is Q2_K; supported are F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K,")]
    [InlineData(Type, 11, "has the tensor 'a', which is Q3_K; supported are")]
    [InlineData(Type, 20, "has the tensor 'a', which is IQ4_NL; supported are")]
    [InlineData(Type, 28, "has the tensor 'a', which is F64; supported are")]
    [InlineData(Type, 26, "has the tensor 'a', which is I32; supported are")]
    [InlineData(Type, 34, "has the tensor 'a', which is TQ1_0; supported are")]
    [InlineData(Type, 12, "has the tensor 'a' with rows of 32 values; Q4_K needs whole blocks of 256")]
    [InlineData(Type, 14, "has the tensor 'a' with rows of 32 values; Q6_K needs whole blocks of 256")]
    [InlineData(Type, 99, "has the tensor 'a', which is of type 99; supported are")]
    [InlineData(Type, 2, null)]
    [InlineData(Offset, 16, "which is no multiple of the alignment, 32")]
    [InlineData(Offset, 1 << 30, "may be truncated")]
    [InlineData(SecondOffset, 128, "inside of another one")]
    public void A_damaged_header_is_named(int at, int value, string? fault)
    {
        var bytes = File.ReadAllBytes(WriteTwo());
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), value);
        File.WriteAllBytes(folder["bad"], bytes);
        if (fault is null)
        {
            GgufFile.Open(folder["bad"]).Dispose();
            return;
        }

        var message = Assert.Throws<ModelFormatException>(() => GgufFile.Open(folder["bad"])).Message;
        Assert.StartsWith($"'{folder["bad"]}' ", message, StringComparison.Ordinal);
        Assert.Contains(fault, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_that_are_no_whole_blocks_and_names_that_stand_twice_are_refused()
    {
        var bytes = File.ReadAllBytes(WriteTwo());
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(Type), 8);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(Columns), 31);
        File.WriteAllBytes(folder["bad"], bytes);
        Assert.Contains(
            "Q8_0 needs whole blocks of 32", Assert.Throws<ModelFormatException>(() => GgufFile.Open(folder["bad"])).Message,
            StringComparison.Ordinal);

        TinyGguf.Write(folder["twice"], writer =>
        {
            writer.AddTensor("a", WeightEncoding.F32, [1], (_, to) => to.Clear());
            writer.AddTensor("a", WeightEncoding.F32, [1], (_, to) => to.Clear());
        });
        Assert.Contains(
            "has the tensor 'a' twice", Assert.Throws<ModelFormatException>(() => GgufFile.Open(folder["twice"])).Message,
            StringComparison.Ordinal);
        TinyGguf.Write(folder["key"], writer =>
        {
            writer.Add("k", 1u);
            writer.Add("k", 1u);
        });
        Assert.Contains(
            "has the metadata key 'k' twice", Assert.Throws<ModelFormatException>(() => GgufFile.Open(folder["key"])).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        var bytes = File.ReadAllBytes(WriteTwo());
        for (var length = 0; length < bytes.Length; length++)
        {
            File.WriteAllBytes(folder["cut"], bytes[..length]);
            // The padding behind the last tensor may be missing.
            if (length < bytes.Length - 31)
            {
                Assert.Throws<ModelFormatException>(() => GgufFile.Open(folder["cut"]));
            }
        }
    }

    [Fact]
    public void Damage_is_refused_or_read_but_never_crashes_or_fills_the_memory()
    {
        var whole = File.ReadAllBytes(TinyGguf.Export(folder, TinyGguf.Config, WeightEncoding.Q8_0));
        var header = Array.IndexOf(whole, (byte)'b', 0) + 12_000; // metadata, and the beginning of the tensors' entries
        var position = Gen.OneOf(Gen.Int[0, 200], Gen.Int[0, header], Gen.Int[0, whole.Length - 1]);
        Gen.Select(Gen.Select(position, Gen.Byte).Array[1, 6], Gen.Int[0, whole.Length]).Sample(
            (flips, length) =>
            {
                var bytes = whole.ToArray();
                foreach (var (at, value) in flips)
                {
                    bytes[at] = value;
                }

                // Half of the files are cut as well.
                var path = folder[$"{Guid.NewGuid():N}.gguf"];
                File.WriteAllBytes(path, length % 2 == 0 ? bytes : bytes[..length]);
                var before = GC.GetAllocatedBytesForCurrentThread();
                ReadAll(path);
                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 32 << 20);
                File.Delete(path);
            },
            iter: 2_000);
    }

    public void Dispose() => folder.Dispose();

    private static void ReadAll(string path)
    {
        try
        {
            using var checkpoint = Checkpoint.Open(path);
            foreach (var weight in LlamaParameters.ShapesOf(checkpoint.Config))
            {
                var rows = checkpoint.Rows(weight.Name);
                var values = new float[rows.Columns];
                for (var row = 0; row < rows.Rows; row++)
                {
                    rows.ReadFloats(row, values);
                }
            }
        }
        catch (ModelFormatException fault)
        {
            Assert.Contains(path, fault.Message, StringComparison.Ordinal);
        }
    }

    private string WriteTwo() => TinyGguf.Write(folder["two"], writer =>
    {
        writer.AddTensor("a", WeightEncoding.F32, [2, 32], (row, to) => to.Fill(row));
        writer.AddTensor("b", WeightEncoding.F32, [32], (_, to) => to.Fill(3));
    });
}
