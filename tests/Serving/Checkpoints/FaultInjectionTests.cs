using System.Buffers.Binary;
using Microsoft.Extensions.Logging.Abstractions;
using Orca.Model;
using Orca.Model.Inference;
using Orca.Model.Network;
using Orca.Serving.Checkpoints;
using Orca.Serving.Engine;
using Orca.Serving.Hosting;
using Orca.Serving.Requests;
using Orca.Serving.Tests.Engine;
using Orca.Serving.Tests.Students;
using TorchSharp;

namespace Orca.Serving.Tests.Checkpoints;

/// <summary>
/// Checkpoints damaged in every way: each is refused with its reason, frees all it took, and leaves what is served to the bit as it
/// was.
/// </summary>
[Collection(nameof(Alone))]
public sealed class FaultInjectionTests : IAsyncLifetime
{
    private const string Weights = "model.safetensors";

    private readonly Publisher publisher = new();
    private readonly byte[] whole;
    private readonly string damaged;
    private StudentServer server = null!;
    private string answer = "";
    private long tensors;

    public FaultInjectionTests()
    {
        publisher.PublishRandom(1, seed: 1);
        damaged = publisher.PublishRandom(2, seed: 2);
        whole = File.ReadAllBytes(Path.Combine(damaged, Weights));
    }

    public static IEnumerable<TheoryDataRow<int>> Tensors =>
        Enumerable.Range(0, LlamaParameters.ShapesOf(ToyStudent.Config).Count).Select(i => new TheoryDataRow<int>(i));

    public async ValueTask InitializeAsync()
    {
        server = await StudentServer.OpenAsync(
            Path.Combine(publisher.Root, "step-00000001"), new EngineOptions(), NullLoggerFactory.Instance);
        answer = await AskAsync();
        tensors = torch.Tensor.TotalCount;
    }

    [Theory]
    [MemberData(nameof(Tensors))]
    public async Task Pitfall_7_A_flipped_bit_in_any_tensor_is_refused(int index)
    {
        var bytes = (byte[])whole.Clone();
        bytes[OffsetOf(index) + 3] ^= 0x10;
        await RefusedAsync(bytes, "SHA-256");
    }

    [Theory]
    [MemberData(nameof(Tensors))]
    public async Task Pitfall_7_A_value_that_is_no_number_in_any_tensor_is_refused(int index)
    {
        var weights = ToyStudent.RandomWeights(ToyStudent.Config, 3);
        var name = LlamaParameters.ShapesOf(ToyStudent.Config)[index].Name;
        using (torch.NewDisposeScope())
        {
            weights[name].view(-1).narrow(0, weights[name].numel() - 1, 1).fill_(float.NaN);
        }

        var folder = publisher.Publish(3, ToyStudent.Config, weights);
        var rejected = await LoadAsync(folder);
        Assert.Equal((VersionState.Rejected, 1L), (rejected.State, rejected.Findings!.NonFiniteValues));
        Assert.Contains($"'{name}'", rejected.Reason);
        await UnchangedAsync();
    }

    [Theory]
    [MemberData(nameof(Tensors))]
    public void Pitfall_7_A_load_that_fails_at_any_tensor_frees_what_it_took(int index)
    {
        var reader = new CheckpointReader(
            new EngineOptions { Inference = new() { Weights = WeightFormat.Bf16 } }, new LoadingOptions(), new LoadingPace(() => false));
        var progress = new CheckProgress();
        using var candidate = reader.Check(CheckpointReader.Open(damaged, null, progress), progress, CancellationToken.None);
        var bytes = (byte[])whole.Clone();
        bytes[OffsetOf(index)] ^= 1;
        Overwrite(bytes);

        var fault = Assert.Throws<ModelFormatException>(() => reader.Load(candidate, 1, null, isBeside: true));
        Assert.Contains("changed while it was read", fault.Message);
        Assert.Equal(tensors, torch.Tensor.TotalCount);
    }

    [Fact]
    public async Task Pitfall_8_A_file_cut_or_grown_at_any_place_is_refused()
    {
        for (var length = 0; length < whole.Length; length += whole.Length / 60)
        {
            await RefusedAsync(whole[..length], "");
        }

        await RefusedAsync([.. whole, 0], "");
        await RefusedAsync([.. whole, .. whole], "");
    }

    [Fact]
    public async Task Pitfall_8_A_flipped_bit_at_any_place_of_the_header_is_refused()
    {
        var header = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(whole);
        for (var at = 0; at < header; at += 29)
        {
            var bytes = (byte[])whole.Clone();
            bytes[at] ^= 4;
            await RefusedAsync(bytes, "");
        }
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("tokenizer.json")]
    [InlineData("prompt_template.json")]
    [InlineData("orca.json")]
    [InlineData(Weights)]
    public async Task A_missing_or_torn_file_is_refused(string file)
    {
        var path = Path.Combine(damaged, file);
        var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        foreach (var length in new[] { 0, 1, bytes.Length / 2, bytes.Length - 2 })
        {
            await File.WriteAllBytesAsync(path, bytes[..length], TestContext.Current.CancellationToken);
            Assert.Equal(VersionState.Rejected, (await LoadAsync(damaged)).State);
        }

        File.Delete(path);
        if (file != "orca.json")
        {
            Assert.Equal(VersionState.Rejected, (await LoadAsync(damaged)).State);
        }

        await UnchangedAsync();
    }

    [Fact]
    public async Task What_is_mended_is_loaded_after_all()
    {
        await RefusedAsync(whole[..^1], "");
        Overwrite(whole);
        File.SetLastWriteTimeUtc(Path.Combine(damaged, Weights), DateTime.UnixEpoch);
        Assert.Equal(VersionState.Ready, (await LoadAsync(damaged)).State);
    }

    [Fact]
    public async Task The_same_damaged_files_are_not_read_again()
    {
        var bytes = (byte[])whole.Clone();
        bytes[^1] ^= 1;
        await RefusedAsync(bytes, "SHA-256");
        var again = await LoadAsync(damaged);
        Assert.Equal((VersionState.Rejected, 0), (again.State, again.TensorsChecked));
        Assert.Contains("is quarantined", again.Reason);
    }

    [Fact]
    public async Task Pitfall_8_What_is_served_stays_when_its_own_checkpoint_is_overwritten_cut_and_deleted()
    {
        var served = Path.Combine(publisher.Root, "step-00000001");
        var path = Path.Combine(served, Weights);
        Write(path, new byte[whole.Length]);
        await UnchangedAsync();
        Write(path, []);
        await UnchangedAsync();
        Directory.Delete(served, recursive: true);
        await UnchangedAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        publisher.Dispose();
    }

    private async Task RefusedAsync(byte[] bytes, string reason)
    {
        Overwrite(bytes);
        var rejected = await LoadAsync(damaged);
        Assert.Equal(VersionState.Rejected, rejected.State);
        Assert.Contains(reason, rejected.Reason);
        await UnchangedAsync();
    }

    private async Task UnchangedAsync()
    {
        Assert.Equal(answer, await AskAsync());
        Assert.Equal(tensors, torch.Tensor.TotalCount);
    }

    private async Task<VersionRecord> LoadAsync(string folder) =>
        await server.LoadAsync(folder, activate: false, cancellationToken: TestContext.Current.CancellationToken)
            .LastAsync(TestContext.Current.CancellationToken);

    private async Task<string> AskAsync()
    {
        var generation = await server.Engine.GenerateAsync(EngineFixture.Greedy(new PromptInput.PlainText("What?"), maxTokens: 20));
        return $"{generation.Version} {string.Join(' ', generation.Tokens)}";
    }

    /// <summary>Where a tensor's bytes begin; the file holds them by name.</summary>
    private int OffsetOf(int index)
    {
        var shapes = LlamaParameters.ShapesOf(ToyStudent.Config);
        var before = shapes.Where(shape => string.CompareOrdinal(shape.Name, shapes[index].Name) < 0).Sum(shape => shape.Count);
        return (int)(8 + BinaryPrimitives.ReadInt64LittleEndian(whole) + (before * sizeof(float)));
    }

    private void Overwrite(byte[] bytes) => Write(Path.Combine(damaged, Weights), bytes);

    private static void Write(string path, byte[] bytes)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.SetLength(bytes.Length);
        file.Write(bytes);
    }
}
