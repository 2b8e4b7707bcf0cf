using Orca.Model.Network;
using Orca.Tests.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Model.Tests.Network;

public class LlamaModelTests
{
    public static TheoryData<string> Variants => [.. Configs.Keys];

    private static Dictionary<string, LlamaConfig> Configs => new()
    {
        ["plain heads"] = ToyModel.Config with { KvHeads = 4 },
        ["grouped heads"] = ToyModel.Config,
        ["one key head"] = ToyModel.Config with { KvHeads = 1 },
        ["tied"] = ToyModel.Config with { TiedEmbeddings = true },
        ["wide heads"] = ToyModel.Config with { HeadDim = 10 },
    };

    [Theory]
    [MemberData(nameof(Variants))]
    public void Logits_equal_the_plain_network(string variant)
    {
        using var scope = NewDisposeScope();
        using var model = new ToyModel(Configs[variant]);
        var tokens = ToyModel.RandomTokens(new Random(3), 21);
        var plain = new PlainLlama(Configs[variant], model.Weights).Logits(tokens);
        var difference = ToyModel.LargestDifference(model.Logits(tokens), plain);
        Assert.True(difference < 2e-5, $"{difference}");
        Assert.True(plain.Max(row => row.Max()) > 0.5, "the toy's logits are too flat to tell");
    }

    [Theory]
    [MemberData(nameof(FamilyShapes.Names), MemberType = typeof(FamilyShapes))]
    public void Every_family_gives_the_logits_of_the_plain_network(string family)
    {
        using var scope = NewDisposeScope();
        using var model = new ToyModel(FamilyShapes.Of(ToyModel.Config)[family]);
        var tokens = ToyModel.RandomTokens(new Random(3), 75);
        var plain = new PlainLlama(model.Network.Config, model.Weights).Logits(tokens);
        Assert.InRange(ToyModel.LargestDifference(model.Logits(tokens), plain), 0, 5e-5);
    }

    [Theory]
    [MemberData(nameof(FamilyShapes.Names), MemberType = typeof(FamilyShapes))]
    public void Every_family_s_packed_loss_and_gradients_are_those_of_the_plain_network(string family)
    {
        using var scope = NewDisposeScope();
        using var model = new ToyModel(FamilyShapes.Of(ToyModel.Config)[family], dtype: ScalarType.Float64);
        foreach (var weight in model.Weights.Values)
        {
            weight.requires_grad = true;
        }

        // Two documents of different length in one row, so that they are gathered, and the first longer than the windows.
        var random = new Random(7);
        int[][] documents = [ToyModel.RandomTokens(random, 17), ToyModel.RandomTokens(random, 3)];
        var tokens = tensor(documents.SelectMany(document => document.Select(token => (long)token)).ToArray()).unsqueeze(0);
        var positions = cat(documents.Select(document => arange(document.Length, ScalarType.Int64)).ToArray()).unsqueeze(0);
        using var attention = new PackedAttention(cat(documents.Select((document, i) => full(document.Length, i + 1L)).ToArray()).unsqueeze(0));
        var logits_TV = model.Network.Logits(model.Network.Hidden(tokens, positions, attention)).squeeze(0);
        long[] predictors = [.. Enumerable.Range(0, 16), .. Enumerable.Range(17, 2)];
        var loss = nn.functional.cross_entropy(logits_TV[tensor(predictors)], tokens[0][tensor(predictors) + 1L]);
        loss.backward();

        var plain = new PlainLlama(model.Network.Config, model.Weights);
        // The tables of the rotary positions are rounded to fp32.
        Assert.Equal(PlainLoss(), loss.item<double>(), 1e-7);
        foreach (var (name, weight) in model.Weights)
        {
            var index = random.Next((int)weight.numel());
            var slope = weight.grad!.view(-1)[index].item<double>();
            ref var value = ref plain.Values(name)[index];
            var kept = value;
            value = kept + 1e-5;
            var above = PlainLoss();
            value = kept - 1e-5;
            var below = PlainLoss();
            value = kept;
            Assert.True(
                Math.Abs(((above - below) / 2e-5) - slope) < 1e-6 * Math.Max(1, Math.Abs(slope)),
                $"{name}[{index}]: {slope} and {(above - below) / 2e-5}");
        }

        double PlainLoss() => plain.Loss(documents.Select(document => ((IReadOnlyList<int>)document, 1)));
    }

    [Fact]
    public void Packed_documents_do_not_see_each_other()
    {
        using var scope = NewDisposeScope();
        using var model = new ToyModel(ToyModel.Config with { MaxPositions = 700 });
        var random = new Random(5);
        int[][] lengths = [[4, 1, 9, 586], [600]];
        var documents = lengths.Select(row => row.Select(length => ToyModel.RandomTokens(random, length)).ToArray()).ToArray();
        var tokens_BT = stack(documents.Select(row => tensor(row.SelectMany(d => d.Select(t => (long)t)).ToArray())).ToArray());
        var positions_BT = stack(documents.Select(row => cat(row.Select(d => arange(d.Length, ScalarType.Int64)).ToArray())).ToArray());
        var segments_BT = stack(documents.Select(row => cat(row.Select((d, i) => full(d.Length, i + 1L)).ToArray())).ToArray());
        using var attention = new PackedAttention(segments_BT);
        var logits_BTV = model.Network.Logits(model.Network.Hidden(tokens_BT, positions_BT, attention)).to_type(ScalarType.Float64);

        for (var row = 0; row < documents.Length; row++)
        {
            var start = 0;
            foreach (var document in documents[row])
            {
                var packed = logits_BTV[row].narrow(0, start, document.Length);
                Assert.True((packed - model.Logits(document)).abs().max().item<double>() < 2e-5);
                start += document.Length;
            }
        }
    }

    [Fact]
    public void Attention_by_document_equals_attention_by_mask()
    {
        using var scope = NewDisposeScope();
        var random = new Random(2);
        for (var round = 0; round < 20; round++)
        {
            long batch = random.Next(1, 4), length = random.Next(1, 70);
            var segments_BT = zeros(batch, length, ScalarType.Int32);
            for (var row = 0; row < batch; row++)
            {
                for (int start = 0, id = 1; start < length && id < 6; id++)
                {
                    var count = (int)Math.Min(length - start, random.Next(1, 30));
                    segments_BT[row].narrow(0, start, count).fill_(id);
                    start += count;
                }
            }

            var gradient = randn(batch, length, 4, 6, ScalarType.Float64);
            using var documents = new DocumentAttention(segments_BT);
            using var mask = new MaskedAttention(segments_BT);
            var inputs = new[] { 4, 2, 2 }.Select(heads => randn(batch, length, heads, 6, ScalarType.Float64)).ToArray();
            int? window = round % 2 == 0 ? null : random.Next(1, 12);
            var fast = Run(documents, inputs, gradient, window);
            var slow = Run(mask, inputs, gradient, window);
            Assert.All(fast.Zip(slow), pair => Assert.True(pair.First.allclose(pair.Second, 1e-9, 1e-9)));
        }

        static Tensor[] Run(IAttention attention, Tensor[] inputs, Tensor gradient, int? window)
        {
            var leaves = inputs.Select(input => input.clone().requires_grad_(true)).ToArray();
            var attended = attention.Attend(0, leaves[0], leaves[1], leaves[2], window);
            attended.backward([gradient]);
            return [attended.detach(), .. leaves.Select(leaf => leaf.grad!)];
        }
    }

    [Fact]
    public void Gradients_equal_finite_differences()
    {
        using var scope = NewDisposeScope();
        var config = ToyModel.Config with { TiedEmbeddings = true };
        using var model = new ToyModel(config, dtype: ScalarType.Float64);
        var tokens = tensor(new long[] { 5, 7, 5, 1, 2, 9, 3, 0 }).view(2, 4);
        var positions = tensor(new long[] { 0, 1, 0, 1, 0, 1, 2, 0 }).view(2, 4);
        var segments = tensor(new long[] { 1, 1, 2, 2, 1, 1, 1, 0 }).view(2, 4);
        foreach (var weight in model.Weights.Values)
        {
            weight.requires_grad = true;
        }

        Loss().backward();
        using var still = no_grad();
        foreach (var (name, weight) in model.Weights)
        {
            var value = weight.view(-1)[7];
            var slope = weight.grad!.view(-1)[7].item<double>();
            value.add_(1e-5);
            var above = Loss().item<double>();
            value.sub_(2e-5);
            var below = Loss().item<double>();
            value.add_(1e-5);
            Assert.True(Math.Abs(((above - below) / 2e-5) - slope) < 1e-6 * Math.Max(1, Math.Abs(slope)), $"{name}: {slope}");
        }

        Tensor Loss()
        {
            using var attention = new PackedAttention(segments);
            return model.Network.Logits(model.Network.Hidden(tokens, positions, attention)).pow(2).mean();
        }
    }

    [Fact]
    public void Float32_masters_train_in_bfloat16_with_float32_gradients()
    {
        using var scope = NewDisposeScope();
        using var model = new ToyModel(ToyModel.Config, compute: ScalarType.BFloat16);
        foreach (var weight in model.Weights.Values)
        {
            weight.requires_grad = true;
        }

        var logits = model.Logits([1, 2, 3, 4, 5]);
        logits.sum().backward();
        Assert.Equal(ScalarType.BFloat16, model.Network.Compute);
        Assert.All(model.Weights.Values, weight => Assert.Equal(ScalarType.Float32, weight.grad!.dtype));
    }

    [Fact]
    public void A_token_of_many_occurrences_gets_its_whole_gradient_in_bfloat16()
    {
        using var scope = NewDisposeScope();
        var config = ToyModel.Config with { MaxPositions = 2000 };
        using var narrow = new ToyModel(config, dtype: ScalarType.BFloat16);
        using var wide = new ToyModel(config, dtype: ScalarType.BFloat16, compute: ScalarType.Float32);
        var gradients = new[] { narrow, wide }.Select(model =>
        {
            var embedding = model.Weights[LlamaParameters.EmbeddingName];
            var leaf = model == wide ? embedding.to_type(ScalarType.Float32) : embedding;
            leaf.requires_grad = true;
            using var network = new LlamaModel(
                config, LlamaParameters.From(config, name => name == LlamaParameters.EmbeddingName ? leaf : model.Weights[name]),
                model.Network.Compute);
            var tokens_BT = zeros(1000, 2, ScalarType.Int64);
            using var attention = new PackedAttention(ones_like(tokens_BT));
            network.Hidden(tokens_BT, arange(2, ScalarType.Int64).expand(1000, 2), attention).sum().backward();
            return leaf.grad![0].to_type(ScalarType.Float32);
        }).ToArray();
        Assert.True(((gradients[0] - gradients[1]).norm() / gradients[1].norm()).item<float>() < 0.05);
    }

    [Fact]
    public void A_step_leaves_no_tensor_behind()
    {
        using var model = new ToyModel(ToyModel.Config);
        Step();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (var i = 0; i < 3; i++)
        {
            Step();
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);

        void Step()
        {
            using var scope = NewDisposeScope();
            _ = model.Logits([1, 2, 3]);
        }
    }

    [Fact]
    public void The_same_seed_initialises_the_same_weights()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        var first = LlamaParameters.Initialize(ToyModel.Config, 7, ScalarType.Float32, CPU);
        manual_seed(2);
        var second = LlamaParameters.Initialize(ToyModel.Config, 7, ScalarType.Float32, CPU);
        var other = LlamaParameters.Initialize(ToyModel.Config, 8, ScalarType.Float32, CPU);
        Assert.All(first, pair => Assert.True(pair.Value.allclose(second[pair.Key], 0, 0)));
        Assert.False(first["model.layers.0.mlp.up_proj.weight"].allclose(other["model.layers.0.mlp.up_proj.weight"]));
        Assert.Equal(ToyModel.Config.ParameterCount, first.Values.Sum(weight => weight.numel()));
        Assert.InRange(first["model.layers.0.mlp.up_proj.weight"].std().item<float>() * Math.Sqrt(24), 0.9, 1.1);
        Assert.InRange(first["model.layers.0.mlp.down_proj.weight"].std().item<float>() * Math.Sqrt(40 * 4), 0.9, 1.1);
        foreach (var weight in first.Values.Concat(second.Values).Concat(other.Values))
        {
            weight.Dispose();
        }
    }
}
