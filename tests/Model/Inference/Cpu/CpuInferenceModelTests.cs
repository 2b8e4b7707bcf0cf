using Orca.Model.Inference;
using Orca.Model.Inference.Cpu;
using Orca.Model.Network;
using Orca.Model.Tests.Network;
using Orca.Model.Weights;
using Orca.Tests.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Model.Tests.Inference.Cpu;

public class CpuInferenceModelTests
{
    private static readonly LlamaConfig Wide = ToyModel.Config with { HiddenSize = 64, IntermediateSize = 96, MaxPositions = 200 };

    public static TheoryData<string> Variants => [.. Configs.Keys];

    private static Dictionary<string, LlamaConfig> Configs => new()
    {
        ["plain heads"] = ToyModel.Config with { KvHeads = 4 },
        ["grouped heads"] = ToyModel.Config,
        ["one key head"] = ToyModel.Config with { KvHeads = 1 },
        ["tied"] = ToyModel.Config with { TiedEmbeddings = true },
        ["wide heads"] = ToyModel.Config with { HeadDim = 10 },
        ["odd inner size"] = ToyModel.Config with { IntermediateSize = 41 },
        ["heads beyond a panel"] = ToyModel.Config with { HeadDim = 34 },
    };

    [Theory]
    [MemberData(nameof(Variants))]
    public void Logits_equal_the_plain_network(string variant)
    {
        using var toy = new ToyModel(Configs[variant]);
        using var bench = new Bench(toy, new InferenceOptions { Threads = 2 });
        var tokens = ToyModel.RandomTokens(new Random(3), 75);
        Assert.True(Difference(bench.Run((0, tokens))[0], toy, tokens) < 5e-5);
    }

    [Theory]
    [MemberData(nameof(FamilyShapes.Names), MemberType = typeof(FamilyShapes))]
    public void Every_family_gives_the_logits_of_the_plain_network(string family)
    {
        using var toy = new ToyModel(FamilyShapes.Of(ToyModel.Config)[family]);
        using var bench = new Bench(toy, new InferenceOptions { Threads = 2 });
        var tokens = ToyModel.RandomTokens(new Random(3), 75);
        Assert.InRange(Difference(bench.Run((0, tokens))[0], toy, tokens), 0, 5e-5);
    }

    [Theory]
    [MemberData(nameof(FamilyShapes.Names), MemberType = typeof(FamilyShapes))]
    public void Every_family_s_rows_are_the_same_to_the_bit_whoever_shares_their_steps(string family) =>
        AssertInvariant(FamilyShapes.Of(Wide)[family], WeightFormat.Fp32, CacheFormat.Bf16, longest: 90);

    [Theory]
    [InlineData(WeightFormat.Bf16, CacheFormat.Fp32, 0.01)]
    [InlineData(WeightFormat.Fp32, CacheFormat.Bf16, 0.01)]
    [InlineData(WeightFormat.Int8, CacheFormat.Fp32, 0.05)]
    [InlineData(WeightFormat.Fp32, CacheFormat.Int8, 0.05)]
    [InlineData(WeightFormat.Int4, CacheFormat.Fp32, 0.4)]
    public void Fewer_bits_change_the_logits_by_what_they_round(WeightFormat weights, CacheFormat cache, double most)
    {
        using var toy = new ToyModel(Wide);
        using var bench = new Bench(toy, new InferenceOptions { Threads = 2, Weights = weights, Cache = cache });
        var tokens = ToyModel.RandomTokens(new Random(4), 50);
        var wanted = new PlainLlama(Wide, toy.Weights).Logits(tokens).SelectMany(row => row).ToArray();
        var error = wanted.Zip(bench.Run((0, tokens))[0], (exact, found) => (exact - found) * (exact - found)).Sum();
        var relative = Math.Sqrt(error / wanted.Sum(exact => exact * exact));
        Assert.True(relative < most, $"the error is {relative} of the logits");
        Assert.True(relative > 1e-5, "nothing was rounded");
    }

    [Fact]
    public void Weights_stay_as_they_are_stored()
    {
        using var toy = new ToyModel(Wide, dtype: ScalarType.Float16);
        using var bench = new Bench(toy, new InferenceOptions { Threads = 1, Weights = WeightFormat.AsStored });
        using var exact = new Bench(toy, new InferenceOptions { Threads = 1, Weights = WeightFormat.Fp32 });
        var tokens = ToyModel.RandomTokens(new Random(4), 20);
        Assert.Equal(exact.Run((0, tokens))[0], bench.Run((0, tokens))[0]);
        Assert.True(bench.Model.StepBytes < exact.Model.StepBytes);
    }

    [Fact]
    public void Matrices_of_one_product_each_stay_as_they_are_stored()
    {
        using var toy = new ToyModel(Wide);
        using var scope = NewDisposeScope();
        foreach (var weight in toy.Weights.Where(weight => IsHalf(weight.Key)).Select(weight => weight.Value))
        {
            weight.copy_(weight.half());
        }

        using var bench = new Bench(
            Wide,
            name => new TensorRows(IsHalf(name) ? toy.Weights[name].half() : toy.Weights[name]),
            new InferenceOptions { Threads = 2, Weights = WeightFormat.AsStored });
        var tokens = ToyModel.RandomTokens(new Random(5), 40);
        Assert.True(Difference(bench.Run((0, tokens))[0], toy, tokens) < 5e-5);

        // The first of each product, so that what goes by the first alone would cut the others.
        static bool IsHalf(string name) =>
            name.Contains("q_proj", StringComparison.Ordinal) || name.Contains("gate_proj", StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_is_the_same_to_the_bit_beside_super_blocks_of_several_formats_too()
    {
        var config = Wide with { HiddenSize = 256, IntermediateSize = 512 };
        var four = new RandomWeights(config, WeightEncoding.Q4_K);
        var five = new RandomWeights(config, WeightEncoding.Q5_K);
        var six = new RandomWeights(config, WeightEncoding.Q6_K);
        var old = new RandomWeights(config, WeightEncoding.Q8_0);
        IWeightRows RowsOf(string name) => (name.Split('.')[^2] switch
        {
            "k_proj" or "gate_proj" => five,
            "v_proj" or "down_proj" or "lm_head" => six,
            "up_proj" => old,
            _ => four,
        }).Rows(name);
        var random = new Random(8);
        var sequences = Enumerable.Range(0, 9).Select(_ => ToyModel.RandomTokens(random, random.Next(1, 70))).ToArray();
        using var alone = new Bench(config, RowsOf, new InferenceOptions { Threads = 1, Weights = WeightFormat.AsStored });
        using var together = new Bench(config, RowsOf, new InferenceOptions { Threads = 2, Weights = WeightFormat.AsStored });
        var wanted = sequences.Select((tokens, index) => alone.Run((index, tokens))[0]).ToArray();
        Assert.All(wanted, logits => Assert.All(logits, logit => Assert.True(float.IsFinite(logit))));
        Assert.Equal(wanted, together.Run([.. sequences.Select((tokens, index) => (index, tokens))]));
    }

    [Theory]
    [InlineData(WeightFormat.Fp32, CacheFormat.Fp32)]
    [InlineData(WeightFormat.Bf16, CacheFormat.Bf16)]
    [InlineData(WeightFormat.Int8, CacheFormat.Int8)]
    [InlineData(WeightFormat.Int4, CacheFormat.Bf16)]
    public void A_row_is_the_same_to_the_bit_whoever_shares_its_steps(WeightFormat weights, CacheFormat cache) =>
        AssertInvariant(Wide, weights, cache, longest: 120);

    private static void AssertInvariant(LlamaConfig config, WeightFormat weights, CacheFormat cache, int longest)
    {
        using var toy = new ToyModel(config);
        var random = new Random(7);
        var sequences = Enumerable.Range(0, 11).Select(_ => ToyModel.RandomTokens(random, random.Next(1, longest))).ToArray();
        using var alone = new Bench(toy, new InferenceOptions { Threads = 1, Weights = weights, Cache = cache });
        using var together = new Bench(toy, new InferenceOptions { Threads = 2, Weights = weights, Cache = cache });
        var wanted = sequences.Select((tokens, index) => alone.Run((index, tokens))[0]).ToArray();
        var found = sequences.Select(_ => new List<float>()).ToArray();
        var done = new int[sequences.Length];
        while (Enumerable.Range(0, sequences.Length).Where(s => done[s] < sequences[s].Length).ToArray() is { Length: > 0 } open)
        {
            var chosen = open.Where(_ => random.Next(3) > 0).DefaultIfEmpty(open[0]).ToArray();
            var rows = chosen.Select(s => (s, sequences[s].AsSpan(done[s], Math.Min(random.Next(1, 40), sequences[s].Length - done[s])).ToArray())).ToArray();
            var logits = together.Run(rows);
            for (var r = 0; r < rows.Length; r++)
            {
                done[rows[r].s] += rows[r].Item2.Length;
                found[rows[r].s].AddRange(logits[r]);
            }
        }

        for (var s = 0; s < sequences.Length; s++)
        {
            Assert.Equal(wanted[s], found[s].ToArray());
        }
    }

    [Theory]
    [InlineData("LLaMA with all biases")]
    [InlineData("Qwen3")]
    [InlineData("Mistral with a short window")]
    public void A_step_of_a_size_seen_before_allocates_nothing(string family)
    {
        using var toy = new ToyModel(FamilyShapes.Of(Wide)[family]);
        using var bench = new Bench(toy, new InferenceOptions { Threads = 2 });
        InferenceRow[] rows = [new(new[] { 5 }, 0, new[] { 0 }, LogitRows.Last), new(new[] { 6, 7, 8 }, 0, new[] { 1 }, LogitRows.Last)];
        var logits = new float[2 * Wide.VocabularySize];
        bench.Model.Run(bench.Store, rows, logits);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var step = 0; step < 50; step++)
        {
            bench.Model.Run(bench.Store, rows, logits);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Weights_that_are_no_whole_groups_are_refused_with_a_way_out()
    {
        using var toy = new ToyModel(ToyModel.Config);
        var fault = Assert.Throws<ModelFormatException>(() => new Bench(toy, new InferenceOptions { Weights = WeightFormat.Int4 }));
        Assert.Contains("multiple of 32", fault.Message);
        Assert.Contains("bf16", fault.Message);
    }

    [Fact]
    public void A_weight_that_is_no_number_shows_in_the_logits()
    {
        using var toy = new ToyModel(Wide);
        toy.Weights["model.layers.1.mlp.up_proj.weight"][3, 5] = float.NaN;
        using var bench = new Bench(toy, new InferenceOptions { Threads = 1 });
        Assert.All(bench.Run((0, [1, 2]))[0], logit => Assert.False(float.IsFinite(logit)));
    }

    private static double Difference(float[] logits, ToyModel toy, int[] tokens)
    {
        var plain = new PlainLlama(toy.Network.Config, toy.Weights).Logits(tokens);
        return plain.SelectMany(row => row).Zip(logits, (wanted, found) => Math.Abs(wanted - found)).Max();
    }

    /// <summary>A model and a store with room for a few sequences, of eight blocks each.</summary>
    private sealed class Bench : IDisposable
    {
        private readonly Dictionary<int, int> lengths = [];

        public Bench(ToyModel toy, InferenceOptions options)
            : this(toy.Network.Config, name => new TensorRows(toy.Weights[name]), options)
        {
        }

        public Bench(LlamaConfig config, Func<string, IWeightRows> weights, InferenceOptions options)
        {
            using var scope = NewDisposeScope();
            Model = CpuInferenceModel.Load(config, weights, options);
            Store = Model.CreateStore(16 * 8, Model.BlockTokens(200));
        }

        public CpuInferenceModel Model { get; }

        public IKeyValueStore Store { get; }

        /// <summary>Goes on with sequences; the logits of all their tokens.</summary>
        public float[][] Run(params (int Sequence, int[] Tokens)[] rows)
        {
            var vocabulary = Model.Config.VocabularySize;
            var step = rows.Select(row => new InferenceRow(
                row.Tokens,
                lengths.GetValueOrDefault(row.Sequence),
                Enumerable.Range(0, 8).Select(block => (row.Sequence * 8) + (block * 3 % 8)).ToArray(),
                LogitRows.All)).ToArray();
            var logits = new float[rows.Sum(row => row.Tokens.Length) * vocabulary];
            Model.Run(Store, step, logits);
            var start = 0;
            return [.. rows.Select(row =>
            {
                lengths[row.Sequence] = lengths.GetValueOrDefault(row.Sequence) + row.Tokens.Length;
                var from = start;
                start += row.Tokens.Length * vocabulary;
                return logits[from..start];
            })];
        }

        public void Dispose()
        {
            Store.Dispose();
            Model.Dispose();
        }
    }
}
