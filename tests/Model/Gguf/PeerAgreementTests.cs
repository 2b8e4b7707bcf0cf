using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Orca.Model.Checkpoints;
using Orca.Model.Conversion;
using Orca.Model.Gguf;
using Orca.Model.Inference;
using Orca.Model.Network;
using Orca.Model.Tests.Network;
using Orca.Model.Weights;
using Orca.Tests.Shared;
using static TorchSharp.torch;

namespace Orca.Model.Tests.Gguf;

/// <summary>
/// The same GGUF file in llama.cpp and in Orca's engines, both judged by a computation of the file's own weights in double
/// precision. Skips where llama.cpp is absent.
/// </summary>
public sealed class PeerAgreementTests(ITestOutputHelper output) : IDisposable
{
    private const int Steps = 200;

    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> Files =>
        [.. (Environment.GetEnvironmentVariable("LLAMA_PEER_MODELS") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).DefaultIfEmpty("")];

    /// <summary>Shapes by family; a family more is a line more.</summary>
    private static Dictionary<string, Func<LlamaConfig, LlamaConfig>> Families { get; } = new()
    {
        ["LLaMA"] = config => config with { KvHeads = 4 },
        ["LLaMA 3"] = config => config with { RopeTheta = 500_000, RopeScaling = new RopeScaling.Llama3(8, 1, 4, 8_192) },
        ["Qwen2"] = config => config with
        {
            Family = ModelFamily.Qwen2,
            HasQueryKeyValueBias = true,
            RmsNormEpsilon = 1e-6,
            RopeTheta = 1_000_000,
        },
        ["Qwen3"] = config => config with
        {
            Family = ModelFamily.Qwen3,
            HasQueryKeyNorms = true,
            Heads = 8,
            RmsNormEpsilon = 1e-6,
            RopeTheta = 1_000_000,
        },
        ["Mistral"] = config => config with { Family = ModelFamily.Mistral, Window = 128 },
    };

    public static TheoryData<string, string> FamiliesAndTypes
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var family in Families.Keys)
            {
                foreach (var type in new[] { "F32", "F16", "Q8_0", "Q4_0", "Q4_K_M", "Q5_K_M", "Q6_K", "Q5_1" })
                {
                    data.Add(family, type);
                }
            }

            return data;
        }
    }

    /// <summary>Every way in which Orca can run a file: with its weights as 32-bit floats, and as they are stored.</summary>
    private static (string Name, InferenceOptions Options)[] Engines =>
    [
        ("libtorch fp32", new InferenceOptions { Backend = InferenceBackend.Torch }),
        ("own fp32", new InferenceOptions { Backend = InferenceBackend.Cpu, Threads = 1 }),
        ("own as stored", new InferenceOptions { Backend = InferenceBackend.Cpu, Weights = WeightFormat.AsStored, Threads = 1 }),
    ];

    // Who keeps weights as they are stored rounds what flows between layers to about their precision before it multiplies.
    [Theory]
    [InlineData(WeightEncoding.F32, 1e-3)]
    [InlineData(WeightEncoding.F16, 0.05)]
    [InlineData(WeightEncoding.BF16, 0.3)]
    [InlineData(WeightEncoding.Q8_0, 0.7)]
    [InlineData(WeightEncoding.Q4_0, 0.7)]
    public void A_trained_model_tells_the_same_story_in_both(WeightEncoding encoding, double rounding)
    {
        var model = Stories(encoding);
        using var checkpoint = Checkpoint.Open(model);
        int[] prompt = [1, .. checkpoint.Tokenizer.Encode("Once upon a time")];
        foreach (var found in Compare(model, checkpoint, prompt, Steps))
        {
            Assert.InRange(found.Orca, 0, found.IsStored ? Math.Max(1e-3, 2 * found.Peer) : 1e-3);
            Assert.InRange(found.Peer, 0, rounding);
            if (encoding == WeightEncoding.F32)
            {
                Assert.Equal(Steps, found.Agreed);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_of_the_users_own_gives_the_same_logits(string model)
    {
        Assert.SkipWhen(model.Length == 0, "LLAMA_PEER_MODELS names no files, separated by colons");
        using var checkpoint = Checkpoint.Open(model);
        var random = new Random(1);
        int[] prompt = [1, .. Enumerable.Range(0, 63).Select(_ => random.Next(checkpoint.Config.VocabularySize))];
        foreach (var found in Compare(model, checkpoint, prompt, 8))
        {
            Assert.InRange(found.Orca, 0, 0.1 * found.Spread);
            Assert.InRange(found.Peer, 0, 0.1 * found.Spread);
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_of_the_users_own_goes_on_with_a_question_alike_until_a_near_tie(string model)
    {
        Assert.SkipWhen(model.Length == 0, "LLAMA_PEER_MODELS names no files, separated by colons");
        using var checkpoint = Checkpoint.Open(model);
        var question = checkpoint.Tokenizer.Encode("Question: Can a dog eat a stone? Explain first. Answer: A stone");
        int[] prompt = [checkpoint.Config.BosId ?? 1, .. question];
        var steps = Math.Min(Steps, checkpoint.Config.MaxPositions - prompt.Length);
        Assert.All(Compare(model, checkpoint, prompt, steps), found => Assert.InRange(found.Orca, 0, 0.1 * found.Spread));
    }

    // Whatever the bits, and not only those that its own quantisation writes; with scales that are ordinary numbers.
    [Theory]
    [InlineData(WeightEncoding.Q4_0, 0)]
    [InlineData(WeightEncoding.Q4_1, 0, 2)]
    [InlineData(WeightEncoding.Q5_0, 0)]
    [InlineData(WeightEncoding.Q5_1, 0, 2)]
    [InlineData(WeightEncoding.Q4_K, 0, 2)]
    [InlineData(WeightEncoding.Q5_K, 0, 2)]
    [InlineData(WeightEncoding.Q6_K, 208)]
    public void Blocks_are_decoded_alike_to_the_bit(WeightEncoding encoding, params int[] scales)
    {
        var peer = LlamaCpp.Require(folder);
        var random = new Random(6);
        var blocks = new byte[encoding.BlockBytes() * 2_000];
        random.NextBytes(blocks);
        for (var block = 0; block < blocks.Length; block += encoding.BlockBytes())
        {
            foreach (var place in scales)
            {
                MemoryMarshal.Write(blocks.AsSpan(block + place), (Half)((random.NextDouble() - 0.5) * (random.Next(4) == 0 ? 1e-5 : 1)));
            }
        }

        var found = new float[encoding.BlockValues() * 2_000];
        RowValues.Decode(encoding, blocks, found);
        Assert.Equal(
            peer.Decode(encoding, blocks, folder["blocks"]).Select(BitConverter.SingleToUInt32Bits),
            found.Select(BitConverter.SingleToUInt32Bits));
    }

    [Theory]
    [MemberData(nameof(FamiliesAndTypes))]
    public void A_random_model_of_every_family_is_continued_alike_in_every_type_of_file(string family, string type)
    {
        var peer = LlamaCpp.Require(folder);
        var whole = Wide(Families[family]);
        var model = type == "F32" ? whole : folder[$"{type}.gguf"];
        if (model != whole)
        {
            peer.Quantize(whole, model, type);
        }

        using var checkpoint = Checkpoint.Open(model);
        AssertMixed(checkpoint, type);
        var random = new Random(1);
        int[] prompt = [1, .. Enumerable.Range(0, 63).Select(_ => random.Next(checkpoint.Config.VocabularySize))];
        foreach (var found in Compare(model, checkpoint, prompt, 32))
        {
            // Its inputs have one scale for 256 values beside weights of K types, ours one for 32.
            Assert.InRange(found.Orca, 0, found.IsStored ? 0.15 * found.Spread : 1e-3);
            Assert.InRange(found.Peer, 0, 0.2 * found.Spread);
        }
    }

    [Theory]
    [MemberData(nameof(FamilyShapes.Names), MemberType = typeof(FamilyShapes))]
    public void Every_family_that_GGUF_has_words_for_gives_the_same_logits_and_tokens_in_both(string family)
    {
        LlamaCpp.Require(folder);
        using var stories = Checkpoint.Open(Stories(WeightEncoding.F32));
        var config = FamilyShapes.Of(stories.Config with { HiddenSize = 256, IntermediateSize = 512, Layers = 2, Heads = 4, KvHeads = 2, HeadDim = 64, TiedEmbeddings = false })[family];
        Assert.SkipWhen(TinyGguf.Unsayable(config) is not null, "GGUF has no words for it");
        foreach (var encoding in new[] { WeightEncoding.F32, WeightEncoding.F16, WeightEncoding.Q8_0, WeightEncoding.Q4_K })
        {
            var file = Random(stories, config, encoding);
            using var checkpoint = Checkpoint.Open(file);
            var random = new Random(1);
            var most = checkpoint.Config.MaxPositions;
            int[] prompt = [1, .. Enumerable.Range(0, Math.Min(63, most / 2)).Select(_ => random.Next(config.VocabularySize))];
            foreach (var found in Compare(file, checkpoint, prompt, Math.Min(32, most - prompt.Length)))
            {
                // Beside weights of K types llama.cpp's inputs have one scale for 256 values.
                var rounding = encoding == WeightEncoding.Q4_K ? 0.2 : 0.1;
                Assert.InRange(found.Orca, 0, found.IsStored && encoding != WeightEncoding.F32 ? rounding * found.Spread : 1e-3);
                Assert.InRange(found.Peer, 0, encoding == WeightEncoding.F32 ? 1e-3 : rounding * found.Spread);
            }
        }
    }

    [Fact]
    public void Texts_become_the_same_tokens_in_both()
    {
        var peer = LlamaCpp.Require(folder);
        var model = Stories(WeightEncoding.F16);
        using var checkpoint = Checkpoint.Open(model);
        string[] texts =
        [
            "Once upon a time, there was a little girl.", "a  b", " lead", "trail ", "l1\n\nl2\tT",
            "Grüße, 世界 👩‍🚀!", "<s> is text", "don't\r\n",
        ];
        foreach (var (text, wanted) in texts.Zip(peer.Tokenize(model, texts)))
        {
            Assert.Equal(wanted, checkpoint.Tokenizer.Encode(text));
        }
    }

    public void Dispose() => folder.Dispose();

    private string Stories(WeightEncoding encoding)
    {
        var model = SharedData.Require("checkpoints/stories260K/stories260K.bin");
        Llama2c.Convert(model, SharedData.Require("checkpoints/stories260K/tok512.bin"), folder[$"{encoding}"]);
        using var checkpoint = Checkpoint.Open(folder[$"{encoding}"]);
        GgufExport.Write(checkpoint, folder[$"{encoding}.gguf"], encoding);
        return folder[$"{encoding}.gguf"];
    }

    /// <summary>
    /// A random model wide enough for blocks of 256 values, with the vocabulary of the trained one; its file, of 32 bits.
    /// </summary>
    private string Wide(Func<LlamaConfig, LlamaConfig> family)
    {
        using var stories = Checkpoint.Open(Stories(WeightEncoding.F32));
        var config = stories.Config with
        {
            HiddenSize = 256,
            IntermediateSize = 512,
            Layers = 2,
            Heads = 4,
            KvHeads = 2,
            HeadDim = 64,
            TiedEmbeddings = false,
        };
        return Random(stories, family(config), WeightEncoding.F32);
    }

    /// <summary>The file of a random model with the tokens of another.</summary>
    private string Random(Checkpoint stories, LlamaConfig config, WeightEncoding encoding)
    {
        using var model = new ToyModel(config);
        using var wide = Checkpoint.Open(CheckpointPublisher.Publish(folder[$"random-{encoding}"], new CheckpointDraft
        {
            Step = 1,
            Config = config,
            Tokenizer = stories.Tokenizer,
            Template = stories.Template,
            Weights = model.Weights,
            WeightType = ScalarType.Float32,
            Created = DateTimeOffset.UnixEpoch,
        }));
        GgufExport.Write(wide, folder[$"random-{encoding}.gguf"], encoding);
        return folder[$"random-{encoding}.gguf"];
    }

    /// <summary>
    /// Files of one type hold several encodings, side by side in what is one matrix here: these must be among them for the test to be
    /// one.
    /// </summary>
    private static void AssertMixed(Checkpoint checkpoint, string type)
    {
        WeightEncoding Of(string name) => checkpoint.Rows(name).Encoding;
        switch (type)
        {
            case "Q4_0":
                Assert.Equal(WeightEncoding.Q6_K, Of(LlamaParameters.HeadName));
                Assert.Equal(WeightEncoding.Q4_0, Of("model.layers.1.mlp.up_proj.weight"));
                break;
            case "Q4_K_M":
                Assert.Equal(WeightEncoding.Q4_K, Of("model.layers.1.self_attn.q_proj.weight"));
                Assert.Equal(WeightEncoding.Q6_K, Of("model.layers.1.self_attn.v_proj.weight"));
                Assert.Equal(WeightEncoding.Q4_K, Of(LlamaParameters.EmbeddingName));
                break;
            case "Q5_K_M":
                Assert.Equal(WeightEncoding.Q5_K, Of("model.layers.1.self_attn.q_proj.weight"));
                Assert.Equal(WeightEncoding.Q6_K, Of("model.layers.1.self_attn.v_proj.weight"));
                break;
            default:
                break;
        }
    }

    private List<Found> Compare(string model, Checkpoint checkpoint, int[] prompt, int steps)
    {
        var peer = LlamaCpp.Require(folder);
        var (chosen, peers) = peer.Continue(model, prompt, steps, folder["logits"]);
        int[] sequence = [.. prompt, .. chosen[..^1]];
        var judge = Judge(checkpoint, sequence);
        var spread = (double)TensorPrimitives.StdDev<float>(peers);
        var all = new List<Found>();
        foreach (var (name, options) in Engines)
        {
            using var engine = InferenceModels.Load(checkpoint, options);
            var own = EngineLogits.After(engine, sequence);
            var told = EngineLogits.Greedy(engine, prompt, steps);
            var agreed = told.Zip(chosen).TakeWhile(pair => pair.First == pair.Second).Count();
            var found = new Found(options.Weights == WeightFormat.AsStored, Largest(own, judge), Largest(peers, judge), spread, agreed);
            all.Add(found);
            var between = Largest(own, [.. peers.Select(x => (double)x)]);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{Path.GetFileName(model)}, {name}: largest error of a logit {found.Orca:G3}, llama.cpp's {found.Peer:G3}, "
                    + $"between them {between:G3}; deviation of logits {spread:G3}; greedy tokens agreed {agreed} of {steps}"));
            if (agreed < steps)
            {
                // They may part only where the two tokens are as near to each other as the errors of one of them reach.
                var row = judge.AsSpan((prompt.Length + agreed - 1) * checkpoint.Config.VocabularySize, checkpoint.Config.VocabularySize);
                Assert.InRange(Math.Abs(row[told[agreed]] - row[chosen[agreed]]), 0, 2 * Math.Max(found.Orca, found.Peer));
            }
        }

        return all;
    }

    private static double Largest(float[] found, double[] wanted)
    {
        Assert.Equal(wanted.Length, found.Length);
        return found.Zip(wanted, (a, b) => Math.Abs(a - b)).Max();
    }

    // The file's weights as they are, everything else in double precision.
    private static double[] Judge(Checkpoint checkpoint, int[] tokens)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        using var loaded = checkpoint.LoadModel(ScalarType.Float64, CPU);
        var tokens_BT = tensor(tokens.Select(token => (long)token).ToArray()).unsqueeze(0);
        using var attention = new PackedAttention(ones_like(tokens_BT));
        var hidden = loaded.Network.Hidden(tokens_BT, arange(tokens.Length, ScalarType.Int64).unsqueeze(0), attention);
        return loaded.Network.Logits(hidden).to_type(ScalarType.Float64).data<double>().ToArray();
    }

    private sealed record Found(bool IsStored, double Orca, double Peer, double Spread, int Agreed);
}
