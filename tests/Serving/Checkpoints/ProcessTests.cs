using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Orca.Model.Checkpoints;
using Orca.Model.Inference;
using Orca.Model.Network;
using Orca.Serving.Checkpoints;
using Orca.Serving.Engine;
using Orca.Serving.Hosting;
using Orca.Serving.Requests;
using Orca.Serving.Tests.Engine;
using Orca.Serving.Tests.Soak;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Checkpoints;

/// <summary>
/// What only a process of its own can show: that it survives, and how much memory it takes. Other tests may run beside it.
/// </summary>
public sealed class ProcessTests : IDisposable
{
    private const long Mebibyte = 1 << 20;

    // About 20 million weights: 78 MiB in fp32, of which the largest tensor is 3 MiB.
    private static readonly LlamaConfig Large = ToyStudent.Config with
    {
        HiddenSize = 512,
        IntermediateSize = 1_408,
        Layers = 6,
        Heads = 8,
        KvHeads = 8,
    };

    private readonly Publisher publisher = new();
    private LlamaConfig shape = Large;

    [Theory]
    [InlineData(nameof(Served_weights_are_cut))]
    [InlineData(nameof(Served_weights_are_cut_while_they_are_loaded))]
    public async Task Pitfall_8_A_server_whose_weight_file_is_cut_under_it_survives(string child)
    {
        var (exitCode, output) = await ChildProcess.RunAsync(typeof(ProcessTests), child);
        Assert.True(exitCode == 0, output);
        Assert.Contains("Total: 1", output);
    }

    [Fact]
    public async Task Pitfall_8_A_mapped_file_that_is_cut_would_have_ended_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "how mapped files end is the system's own");
        var (exitCode, _) = await ChildProcess.RunAsync(typeof(ProcessTests), nameof(Mapped_weights_are_cut));
        Assert.InRange(exitCode, 128, 255);
    }

    [Theory]
    [InlineData(nameof(Double_buffering_takes_the_new_weights_and_little_more))]
    [InlineData(nameof(In_place_takes_little))]
    [InlineData(nameof(What_is_refused_is_given_back))]
    public async Task Pitfall_9_Memory_stays_within_the_plan(string child)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "anonymous memory is read from /proc");
        var (exitCode, output) = await ChildProcess.RunAsync(typeof(ProcessTests), child);
        Assert.True(exitCode == 0, output);
        Assert.Contains("Total: 1", output);
    }

    [Fact(Explicit = true)]
    public async Task Served_weights_are_cut()
    {
        await using var server = await OpenAsync(new LoadingOptions());
        var before = await AskAsync(server);
        Cut(Path.Combine(publisher.Root, "step-00000001"));
        Assert.Equal(before, await AskAsync(server));
    }

    [Fact(Explicit = true)]
    public async Task Served_weights_are_cut_while_they_are_loaded()
    {
        await using var server = await OpenAsync(new LoadingOptions());
        var before = await AskAsync(server);
        for (var step = 2; step < 8; step++)
        {
            var folder = Publish(step);
            await foreach (var record in server.LoadAsync(folder, activate: false))
            {
                // Now or later, by how fast it goes: before, in and after the check.
                if (record.State == VersionState.Validating && record.TensorsChecked >= (step - 2) * 10)
                {
                    Cut(folder);
                }
            }
        }

        Assert.Equal(before, await AskAsync(server));
    }

    [Fact(Explicit = true)]
    public void Mapped_weights_are_cut()
    {
        using var checkpoint = Checkpoint.Open(Publish(1));
        Cut(checkpoint.Folder);
        Assert.Equal(0, checkpoint.Rows("model.layers.5.mlp.up_proj.weight").Row(0)[0]);
    }

    [Fact(Explicit = true)]
    public async Task Double_buffering_takes_the_new_weights_and_little_more()
    {
        await using var server = await OpenAsync(new LoadingOptions { Plan = MemoryPlan.DoubleBuffered });
        var bytes = server.Versions.Active!.WeightBytes;
        var peak = await PeakOfAsync(server, Publish(2), VersionState.Active);
        Assert.InRange(peak, bytes / 2, bytes + (24 * Mebibyte));
    }

    [Fact(Explicit = true)]
    public async Task In_place_takes_little()
    {
        await using var server = await OpenAsync(new LoadingOptions { Plan = MemoryPlan.InPlace });
        var peak = await PeakOfAsync(server, Publish(2), VersionState.Active);
        Assert.InRange(peak, long.MinValue, 24 * Mebibyte);
    }

    [Fact(Explicit = true)]
    public async Task What_is_refused_is_given_back()
    {
        shape = Large with { Layers = 3 };
        await using var server = await OpenAsync(new LoadingOptions { MaxProbeDivergence = 0 });
        var folders = Enumerable.Range(2, 12).Select(Publish).ToList();
        foreach (var folder in folders.Take(4))
        {
            await PeakOfAsync(server, folder, VersionState.Rejected);
        }

        var before = ProcessUsage.Now().AnonymousBytes;
        foreach (var folder in folders.Skip(4))
        {
            await PeakOfAsync(server, folder, VersionState.Rejected);
        }

        // Less than the weights of two of the eight: what there is is the C library's, which keeps some MiB for each thread that loaded.
        Assert.InRange(ProcessUsage.Now().AnonymousBytes - before, long.MinValue, 2 * server.Versions.Active!.WeightBytes);
    }

    public void Dispose() => publisher.Dispose();

    /// <summary>Weights that are kept as they are stored, where they were copied to.</summary>
    private Task<StudentServer> OpenAsync(LoadingOptions loading) => StudentServer.OpenAsync(
        Publish(1), new EngineOptions
        {
            MaxCacheBytes = 8 * Mebibyte,
            Inference = new InferenceOptions { Backend = InferenceBackend.Torch, Weights = WeightFormat.AsStored },
        },
        NullLoggerFactory.Instance, loading: loading);

    private string Publish(int step) => publisher.Publish(step, shape, ToyStudent.RandomWeights(shape, step));

    /// <summary>Anonymous memory at its highest while a checkpoint is loaded, beyond what it was before.</summary>
    private static async Task<long> PeakOfAsync(StudentServer server, string folder, VersionState wanted)
    {
        await AskAsync(server);
        GC.Collect();
        var before = AnonymousBytes();
        var load = server.LoadAsync(folder, activate: true).LastAsync().AsTask();
        var peak = before;
        while (!load.IsCompleted)
        {
            peak = Math.Max(peak, AnonymousBytes());
            await Task.Delay(1);
        }

        Assert.Equal(wanted, (await load).State);
        return peak - before;
    }

    private static async Task<string> AskAsync(StudentServer server) => string.Join(' ', (await server.Engine.GenerateAsync(
        EngineFixture.Greedy(new PromptInput.PlainText("What?"), maxTokens: 8))).Tokens);

    private static void Cut(string folder)
    {
        using var file = new FileStream(Path.Combine(folder, "model.safetensors"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.SetLength(0);
    }

    private static long AnonymousBytes() => File.ReadLines("/proc/self/status")
        .Where(line => line.StartsWith("RssAnon:", StringComparison.Ordinal) || line.StartsWith("VmSwap:", StringComparison.Ordinal))
        .Sum(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024);
}
