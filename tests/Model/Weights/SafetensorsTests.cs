using System.Buffers.Binary;
using System.Text;
using Orca.Model.Weights;
using static TorchSharp.torch;

namespace Orca.Model.Tests.Weights;

public sealed class SafetensorsTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("orca-").FullName;

    [Theory]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.Int64)]
    [InlineData(ScalarType.Int32)]
    [InlineData(ScalarType.Int16)]
    [InlineData(ScalarType.Int8)]
    [InlineData(ScalarType.Byte)]
    [InlineData(ScalarType.Bool)]
    public void What_is_written_is_mapped_back(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>
        {
            ["matrix"] = randn(3, 5).mul_(20).abs_().to_type(type),
            ["turned"] = randn(3, 5).mul_(20).abs_().to_type(type).t(),
            ["scalar"] = tensor(1).to_type(type),
            ["empty"] = zeros(0, 4, type),
            ["odd name \"ü\""] = ones(1, type),
        };
        SafetensorsWriter.Write(PathOf("a"), tensors);
        using var file = SafetensorsFile.Open(PathOf("a"));
        Assert.Equal(tensors.Keys.Order(), file.Names.Order());
        foreach (var (name, wanted) in tensors)
        {
            var found = file.Map(name);
            Assert.Equal(type, found.dtype);
            Assert.Equal(wanted.shape, file.Shape(name));
            Assert.Equal(wanted.shape, found.shape);
            Assert.True(found.to_type(ScalarType.Float64).allclose(wanted.to_type(ScalarType.Float64), 0, 0), name);
        }
    }

    [Fact]
    public void The_same_tensors_give_the_same_aligned_file()
    {
        using var scope = NewDisposeScope();
        var a = arange(5, ScalarType.Int8);
        var b = arange(3, ScalarType.Float32);
        SafetensorsWriter.Write(PathOf("1"), new Dictionary<string, Tensor> { ["a"] = a, ["b"] = b });
        SafetensorsWriter.Write(PathOf("2"), new Dictionary<string, Tensor> { ["b"] = b, ["a"] = a });
        var bytes = File.ReadAllBytes(PathOf("1"));
        Assert.Equal(bytes, File.ReadAllBytes(PathOf("2")));
        Assert.Equal(0, (8 + BinaryPrimitives.ReadInt64LittleEndian(bytes)) % 64);
        using var file = SafetensorsFile.Open(PathOf("1"));
        Assert.Equal(["b", "a"], file.Names);
    }

    [Fact]
    public void Only_floating_point_tensors_are_cast()
    {
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(
            PathOf("a"), new Dictionary<string, Tensor> { ["f"] = ones(2), ["i"] = ones(2, ScalarType.Int32) }, ScalarType.BFloat16);
        using var file = SafetensorsFile.Open(PathOf("a"));
        Assert.Equal(("BF16", "I32"), (file.DtypeName("f"), file.DtypeName("i")));
    }

    [Fact]
    public void Tensors_that_the_file_does_not_align_are_right_all_the_same()
    {
        var header = """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}}""";
        Write("a", header, [7, 0, 0, 0x80, 0x3f]);
        using var file = SafetensorsFile.Open(PathOf("a"));
        Assert.Equal(1f, file.Map("b").item<float>());
    }

    [Theory]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 7, "'a' ends at byte 8 of the data; the file holds 7: it may be truncated")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 9, "end at byte 8 of the data; the file holds 9")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}", 8, "'a' of F32 [3] lies at [0, 8]; it needs 12 bytes")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}", 8, "'a' of F32 [2] lies at [8, 0]; it needs 8 bytes")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}", 12, "'a' begins at byte 4 of the data, and nothing lies between 0 and there")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[2,6]}}", 6, "'b' begins at byte 2 of the data, inside of another tensor")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,0]}}", 0, "'a' of shape [4611686018427387904, 4] has more values than can be counted")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4, "'a' has a shape that is no list")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}}", 4, "'a' has a shape that is no list")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,18446744073709551615]}}", 4, "'a' has a data_offsets that is no list")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,4]}}", 4, "'a' lacks its dtype")]
    [InlineData("{\"a\":{\"dtype\":\"Q4\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "'a' has dtype 'Q4'; it must be one of")]
    [InlineData("{\"a\":{\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "'a' lacks its dtype")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1, "'a' has 'dtype' twice")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}", 2, "'a' is in the header twice")]
    [InlineData("{\"a\":7}", 0, "'a' is a JSON Number; it must be an object")]
    [InlineData("[]", 0, "the header is a JSON StartArray; it must be an object")]
    [InlineData("{\"a\":", 0, "the header is not valid JSON")]
    [InlineData("{} x", 0, "the header is not valid JSON")]
    [InlineData("", 0, "the header is not valid JSON")]
    public void A_malformed_header_is_one_sentence(string header, int dataBytes, string sentence)
    {
        Write("a", header, new byte[dataBytes]);
        var fault = Assert.Throws<ModelFormatException>(() => SafetensorsFile.Open(PathOf("a")));
        Assert.StartsWith($"'{PathOf("a")}'", fault.Message, StringComparison.Ordinal);
        Assert.Contains(sentence, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(60)]
    public void A_file_cut_within_its_header_is_named(int length)
    {
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(PathOf("a"), new Dictionary<string, Tensor> { ["weight"] = ones(4) });
        using (var file = File.OpenWrite(PathOf("a")))
        {
            file.SetLength(length);
        }

        Assert.Throws<ModelFormatException>(() => SafetensorsFile.Open(PathOf("a")));
    }

    [Theory]
    [InlineData(100_000_001UL)]
    [InlineData(0x8000000000000000UL)]
    [InlineData(ulong.MaxValue)]
    public void An_absurd_header_length_is_refused(ulong length)
    {
        var bytes = new byte[64];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        File.WriteAllBytes(PathOf("a"), bytes);
        var fault = Assert.Throws<ModelFormatException>(() => SafetensorsFile.Open(PathOf("a")));
        Assert.Contains($"claims a header of {length} bytes", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_changed_at_random_give_tensors_or_one_sentence_and_nothing_else()
    {
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(PathOf("a"), new Dictionary<string, Tensor>
        {
            ["model.norm.weight"] = randn(16),
            ["lm_head.weight"] = randn(4, 16, ScalarType.Float16),
            ["ids"] = arange(3),
        });
        var whole = File.ReadAllBytes(PathOf("a"));
        var random = new Random(11);
        var readable = 0;
        for (var round = 0; round < 1000; round++)
        {
            var bytes = Damaged(whole, random);
            File.WriteAllBytes(PathOf("b"), bytes);
            try
            {
                using var file = SafetensorsFile.Open(PathOf("b"));
                foreach (var name in file.Names)
                {
                    using var sum = file.Map(name).sum();
                }

                readable++;
            }
            catch (ModelFormatException fault)
            {
                Assert.StartsWith($"'{PathOf("b")}'", fault.Message, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', fault.Message);
            }
        }

        Assert.InRange(readable, 1, 999);
    }

    [Fact]
    public void Disposing_the_file_frees_its_tensors()
    {
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(PathOf("a"), new Dictionary<string, Tensor> { ["weight"] = ones(4) });
        var file = SafetensorsFile.Open(PathOf("a"));
        var weight = file.Map("weight");
        Assert.Same(weight, file.Map("weight"));
        file.Dispose();
        Assert.True(weight.IsInvalid);
        Assert.Throws<ObjectDisposedException>(() => file.Map("weight"));
        file.Dispose();
    }

    [Fact]
    public void A_missing_tensor_or_file_is_named()
    {
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(PathOf("a"), new Dictionary<string, Tensor> { ["weight"] = ones(4) });
        using var file = SafetensorsFile.Open(PathOf("a"));
        Assert.Contains(
            "has no tensor 'bias'", Assert.Throws<ModelFormatException>(() => file.Map("bias")).Message, StringComparison.Ordinal);
        Assert.Contains(
            PathOf("absent"), Assert.Throws<ModelFormatException>(() => SafetensorsFile.Open(PathOf("absent"))).Message,
            StringComparison.Ordinal);
        Assert.Throws<ModelFormatException>(() => SafetensorsFile.Open(folder));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static byte[] Damaged(byte[] whole, Random random)
    {
        var bytes = (byte[])whole.Clone();
        var headerEnd = (int)(8 + BinaryPrimitives.ReadInt64LittleEndian(whole));
        switch (random.Next(4))
        {
            case 0:
                return bytes[..random.Next(bytes.Length)];
            case 1:
                bytes[random.Next(8)] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 2:
                // One digit for another keeps the JSON valid and the numbers wrong.
                var digits = Enumerable.Range(8, headerEnd - 8).Where(at => char.IsAsciiDigit((char)bytes[at])).ToArray();
                bytes[digits[random.Next(digits.Length)]] = (byte)random.Next('0', '9' + 1);
                return bytes;
            default:
                for (var flips = random.Next(1, 5); flips > 0; flips--)
                {
                    bytes[random.Next(8, headerEnd)] = (byte)random.Next(256);
                }

                return bytes;
        }
    }

    private string PathOf(string name) => Path.Combine(folder, name + ".safetensors");

    private void Write(string name, string header, byte[] data)
    {
        var json = Encoding.UTF8.GetBytes(header);
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        File.WriteAllBytes(PathOf(name), [.. length, .. json, .. data]);
    }
}
