using System.Security.Cryptography;
using Orca.Model.Differences;
using Orca.Model.Native;
using Orca.Model.Weights;
using static TorchSharp.torch;

namespace Orca.Model.Tests.Differences;

public sealed class ModelDifferenceTests : IDisposable
{
    private const int Words = 300;
    private const int Width = 64;

    private readonly TemporaryFolder folder = new();

    public static TheoryData<ScalarType, ScalarType> Types
    {
        get
        {
            ScalarType[] types = [ScalarType.Float32, ScalarType.Float16, ScalarType.BFloat16];
            var data = new TheoryData<ScalarType, ScalarType>();
            foreach (var from in types)
            {
                foreach (var to in types)
                {
                    data.Add(from, to);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_file_is_restored_byte_by_byte_whatever_the_types(ScalarType from, ScalarType to)
    {
        Write("base", from, moved: 0, Words);
        Write("tuned", to, moved: 1e-3, Words);
        var made = Make();
        AssertRestored();
        Assert.Empty(made.Whole);
        Assert.True(made.Bytes < 0.75 * made.TunedBytes, $"{made.Bytes} of {made.TunedBytes}");
    }

    [Theory]
    [InlineData(Words + 1)]
    [InlineData(Words - 7)]
    public void A_vocabulary_may_have_grown_or_shrunk(int words)
    {
        Write("base", ScalarType.Float16, moved: 0, Words);
        Write("tuned", ScalarType.BFloat16, moved: 1e-3, words);
        Assert.Empty(Make().Whole);
        AssertRestored();
    }

    [Fact]
    public void Shards_may_be_divided_in_another_way()
    {
        Write("base", ScalarType.BFloat16, moved: 0, Words, "model.safetensors");
        Write("tuned", ScalarType.BFloat16, moved: 1e-4, Words, "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors");
        Assert.Equal(["model.safetensors"], Make().BaseFiles);
        AssertRestored();
    }

    [Fact]
    public void Weights_of_every_bit_pattern_and_type_are_restored()
    {
        using var scope = NewDisposeScope();
        foreach (var (name, seed) in new[] { ("base", 1), ("tuned", 2) })
        {
            // All patterns of sixteen bits: infinities, numbers that are none, and zeros of both signs among them.
            var patterns = Enumerable.Range(0, 1 << 16).Select(i => (short)(i * (2 * seed + 1))).ToArray();
            var bits = tensor(patterns).reshape(256, 256);
            Directory.CreateDirectory(folder[name]);
            SafetensorsWriter.Write(Path.Combine(folder[name], "model.safetensors"), new Dictionary<string, Tensor>
            {
                ["same-type"] = Bits(bits, ScalarType.BFloat16),
                ["other-type"] = Bits(bits, seed == 1 ? ScalarType.Float16 : ScalarType.BFloat16),
                ["integers"] = bits,
                ["bytes"] = bits.to_type(ScalarType.Byte),
                ["scalar"] = tensor(seed / 3f),
                ["empty"] = zeros(0, 4),
            });
        }

        var made = Make();
        AssertRestored();
        Assert.Empty(made.Whole);
    }

    [Fact]
    public void What_the_base_has_too_is_taken_from_there_and_the_state_of_training_stays_behind()
    {
        Write("base", ScalarType.Float32, moved: 0, Words);
        Write("tuned", ScalarType.Float32, moved: 1e-3, Words);
        File.WriteAllText(Path.Combine(folder["base"], "vocabulary"), "the same");
        File.WriteAllText(Path.Combine(folder["tuned"], "tokenizer.model"), "the same");
        File.WriteAllText(Path.Combine(folder["tuned"], "empty"), "");
        (string, string)[] below = [("trainer", "optimizer"), (".cache", "hub"), ("additional_chat_templates", "tool_use.jinja")];
        foreach (var (inner, name) in below)
        {
            Directory.CreateDirectory(Path.Combine(folder["tuned"], inner));
            File.WriteAllText(Path.Combine(folder["tuned"], inner, name), name);
        }

        var made = Make();
        Assert.Equal(["tokenizer.model"], made.Copied);
        Assert.Equal([".cache", "trainer"], made.LeftOut);
        Assert.Contains("vocabulary", made.BaseFiles);
        ModelDifference.Apply(folder["base"], folder["diff"], folder["out"]);
        Directory.Delete(Path.Combine(folder["tuned"], "trainer"), recursive: true);
        Directory.Delete(Path.Combine(folder["tuned"], ".cache"), recursive: true);
        AssertSame();
    }

    [Fact]
    public void Weights_without_a_counterpart_are_held_whole_and_named_and_a_model_of_only_such_is_refused()
    {
        Write("base", ScalarType.Float32, moved: 0, Words);
        Write("tuned", ScalarType.Float32, moved: 0, Words);
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(
            Path.Combine(folder["tuned"], "more.safetensors"), new Dictionary<string, Tensor> { ["head"] = ones(3, 5) });
        Assert.Equal(["head"], Make().Whole);
        AssertRestored();

        Directory.CreateDirectory(folder["other"]);
        SafetensorsWriter.Write(
            Path.Combine(folder["other"], "model.safetensors"), new Dictionary<string, Tensor> { ["another"] = ones(3, 5) });
        var fault = Assert.Throws<ModelFormatException>(() => ModelDifference.Make(folder["other"], folder["tuned"], folder["second"]));
        Assert.Contains("has a counterpart", fault.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["second"]));
    }

    [Fact]
    public void A_base_with_one_flipped_bit_is_refused_by_name_with_both_digests()
    {
        Write("base", ScalarType.BFloat16, moved: 0, Words);
        Write("tuned", ScalarType.BFloat16, moved: 1e-3, Words);
        Make();
        var path = Path.Combine(folder["base"], "model.safetensors");
        var wanted = Digest(path);
        Flip(path, new FileInfo(path).Length - 5);
        var fault = Refused();
        Assert.Contains($"'{path}' has SHA-256 {Digest(path)}; ", fault, StringComparison.Ordinal);
        Assert.Contains($"was made from one with {wanted}", fault, StringComparison.Ordinal);

        File.Delete(path);
        Assert.Contains($"'{path}' is missing", Refused(), StringComparison.Ordinal);
    }

    // The end and the manifest tell for themselves, the chunks by zstd or by the digest of what they restore. Some bits of a frame of zstd
    // mean nothing.
    [Fact]
    public void A_difference_with_one_flipped_bit_is_refused_or_restores_the_original_wherever_the_bit_is()
    {
        Write("base", ScalarType.BFloat16, moved: 0, words: 20);
        Write("tuned", ScalarType.BFloat16, moved: 1e-3, words: 20);
        Make();
        var whole = File.ReadAllBytes(folder["diff"]);
        var refused = 0;
        for (var place = 0; place < whole.Length; place += Math.Max(1, whole.Length / 300))
        {
            File.WriteAllBytes(folder["diff"], whole);
            Flip(folder["diff"], place);
            try
            {
                ModelDifference.Apply(folder["base"], folder["diff"], folder["out"]);
                AssertSame();
                Directory.Delete(folder["out"], recursive: true);
            }
            catch (ModelFormatException)
            {
                Assert.False(Path.Exists(folder["out"]));
                refused++;
            }
        }

        Assert.InRange(refused, 250, 350);
    }

    [Fact]
    public void A_file_that_is_no_difference_or_one_of_another_version_or_cut_is_refused()
    {
        Write("base", ScalarType.BFloat16, moved: 0, Words);
        Write("tuned", ScalarType.BFloat16, moved: 1e-3, Words);
        Make();
        var whole = File.ReadAllBytes(folder["diff"]);
        File.WriteAllBytes(folder["diff"], whole[..^100]);
        Assert.Contains("it was cut", Refused(), StringComparison.Ordinal);
        File.WriteAllBytes(folder["diff"], [.. whole[..8], 2, .. whole[9..]]);
        Assert.Contains("of version 2; this Orca reads version 1", Refused(), StringComparison.Ordinal);
        File.WriteAllText(folder["diff"], "something else");
        Assert.Contains("is no difference between models", Refused(), StringComparison.Ordinal);
        File.WriteAllText(folder["diff"], "");
        Assert.Contains("is no difference between models", Refused(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../escaped")]
    [InlineData("/escaped")]
    public void A_manifest_that_names_files_elsewhere_is_refused(string name)
    {
        var manifest = new DifferenceManifest([], [new RestoredFile(name, 0, new string('0', 64), [])]);
        Assert.Throws<ModelFormatException>(() => DifferenceManifest.Parse(manifest.ToJson(), "it"));
    }

    [Fact]
    public void A_manifest_that_reaches_beyond_the_base_is_refused()
    {
        var place = new BasePlace(0, 4, "F32");
        var manifest = new DifferenceManifest(
            [new BaseFile("a", 10, new string('0', 64))],
            [new RestoredFile("b", 4, new string('0', 64), [new FilePart(PartKind.Changed, 4, "BF16", place)])]);
        Assert.Throws<ModelFormatException>(() => DifferenceManifest.Parse(manifest.ToJson(), "it"));
    }

    [Fact]
    public void What_is_given_up_leaves_nothing_and_what_is_there_is_not_replaced()
    {
        Write("base", ScalarType.BFloat16, moved: 0, Words);
        Write("tuned", ScalarType.BFloat16, moved: 1e-3, Words);
        using var given = new CancellationTokenSource();
        given.Cancel();
        Assert.Throws<OperationCanceledException>(() =>
            ModelDifference.Make(folder["base"], folder["tuned"], folder["diff"], null, given.Token));
        Assert.Equal(2, Directory.GetFileSystemEntries(folder.Path).Length);

        Make();
        Assert.Throws<IOException>(Make);
        Assert.Throws<OperationCanceledException>(() =>
            ModelDifference.Apply(folder["base"], folder["diff"], folder["out"], null, given.Token));
        Assert.Equal(3, Directory.GetFileSystemEntries(folder.Path).Length);

        Directory.CreateDirectory(folder["out"]);
        File.WriteAllText(Path.Combine(folder["out"], "mine"), "");
        Assert.Throws<IOException>(() => ModelDifference.Apply(folder["base"], folder["diff"], folder["out"]));
        Assert.Equal([Path.Combine(folder["out"], "mine")], Directory.GetFileSystemEntries(folder["out"]));
    }

    public void Dispose() => folder.Dispose();

    private static unsafe Tensor Bits(Tensor sixteen, ScalarType type) => Aten.FromBlob(Aten.DataPointer(sixteen), sixteen.shape, type);

    private static string Digest(string path) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));

    private static void Flip(string path, long place)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[place] ^= 1;
        File.WriteAllBytes(path, bytes);
    }

    private MadeDifference Make() => ModelDifference.Make(folder["base"], folder["tuned"], folder["diff"]);

    private string Refused()
    {
        var fault = Assert.Throws<ModelFormatException>(() => ModelDifference.Apply(folder["base"], folder["diff"], folder["out"]));
        Assert.False(Path.Exists(folder["out"]));
        return fault.Message;
    }

    private void AssertRestored()
    {
        ModelDifference.Apply(folder["base"], folder["diff"], folder["out"]);
        AssertSame();
    }

    private void AssertSame()
    {
        string[] FilesOf(string name) => [.. Directory.GetFiles(folder[name], "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(folder[name], path)).Order(StringComparer.Ordinal)];
        Assert.Equal(FilesOf("tuned"), FilesOf("out"));
        Assert.All(FilesOf("tuned"), file =>
            Assert.Equal(Digest(Path.Combine(folder["tuned"], file)), Digest(Path.Combine(folder["out"], file))));
    }

    // The same random model every time, moved a little by values of its own.
    private void Write(string name, ScalarType type, double moved, int words, params string[] shards)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(7);
        Tensor Drawn(params long[] shape) => randn(shape, ScalarType.Float32, generator: generator);
        var weights = new Dictionary<string, Tensor>();
        foreach (var (weight, rows) in new[] { ("embedding", Words + 10), ("up", 500), ("down", 500) })
        {
            weights[weight] = (Drawn(rows, Width).Times_(0.02) + Drawn(rows, Width).Times_(0.02 * moved)).to(type);
        }

        weights["embedding"] = weights["embedding"][..words].contiguous();
        weights["norm"] = ones(Width, type);
        Directory.CreateDirectory(folder[name]);
        File.WriteAllText(
            Path.Combine(folder[name], "config.json"), $"{{\"name\": \"{name}\", \"words\": {words}, \"type\": \"{type}\"}}");
        shards = shards is [] ? ["model.safetensors"] : shards;
        foreach (var (index, shard) in shards.Index())
        {
            SafetensorsWriter.Write(
                Path.Combine(folder[name], shard),
                weights.Where((_, place) => place % shards.Length == index).ToDictionary(pair => pair.Key, pair => pair.Value));
        }
    }
}
