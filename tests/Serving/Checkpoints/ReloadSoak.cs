using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Orca.Model.Inference;
using Orca.Model.Network;
using Orca.Protocol.Inference.V1;
using Orca.Serving.Checkpoints;
using Orca.Serving.Engine;
using Orca.Serving.Hosting;
using Orca.Serving.Requests;
using Orca.Serving.Tests.Soak;
using Orca.Serving.Tests.Students;
using TorchSharp;

namespace Orca.Serving.Tests.Checkpoints;

/// <summary>What came of reloading again and again under load.</summary>
/// <param name="Reloads">Versions that took over.</param>
/// <param name="Answers">Answers read to their end.</param>
/// <param name="Faults">
/// What went wrong: calls that failed, streams cut short, texts that a server that never reloads does not give. Empty where nothing
/// did.
/// </param>
/// <param name="QuietGaps">Time from one message of an answer to the next before the first reload.</param>
/// <param name="LoadedGaps">The same while versions took over one another.</param>
/// <param name="TensorGrowth">Native tensors more than after the first tenth of the reloads.</param>
/// <param name="AnonymousGrowth">Bytes of anonymous memory, swapped or not, more than then.</param>
internal sealed record SoakReport(
    int Reloads, int Answers, IReadOnlyList<string> Faults, LatencyHistogram QuietGaps,
    LatencyHistogram LoadedGaps, long TensorGrowth, long AnonymousGrowth)
{
    public double QuietP99 => QuietGaps.Percentile(0.99);

    public double LoadedP99 => LoadedGaps.Percentile(0.99);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Reloads} reloads, {Answers} answers, {Faults.Count} faults; inter-token p50/p99 "
            + $"{QuietGaps.Percentile(0.5):0.00}/{QuietP99:0.00} ms quiet, "
        + $"{LoadedGaps.Percentile(0.5):0.00}/{LoadedP99:0.00} ms under reloads ({LoadedP99 / QuietP99:0.00} x); "
        + $"{TensorGrowth:+0;-0;0} tensors, {AnonymousGrowth / 1024.0 / 1024.0:+0.0;-0.0;0} MiB of anonymous memory");
}

/// <summary>A server under full load whose two checkpoints take over from one another as fast as they can be checked, over gRPC.</summary>
internal sealed class ReloadSoak : IAsyncDisposable
{
    private const int Callers = 8;
    private const int Prompts = 12;

    // Some 400,000 weights: a load is work, and a step is not nothing.
    private static readonly LlamaConfig Shape = ToyStudent.Config with
    {
        HiddenSize = 128,
        IntermediateSize = 352,
        Layers = 2,
        Heads = 8,
        KvHeads = 4,
    };

    private static readonly EngineOptions Options = new()
    {
        MaxConcurrentRequests = 6,
        Inference = new InferenceOptions { Backend = InferenceBackend.Auto, Threads = 1 },
    };

    private readonly Publisher publisher = new();
    private readonly List<string> folders = [];
    private readonly Dictionary<(string Checkpoint, int Prompt), string> wanted = [];
    private readonly ConcurrentQueue<string> faults = new();
    private LatencyHistogram gaps = new();
    private int answers;

    private ReloadSoak()
    {
    }

    public static async Task<SoakReport> RunAsync(int reloads, TimeSpan quiet)
    {
        await using var soak = new ReloadSoak();
        await soak.PrepareAsync();
        return await soak.MeasureAsync(reloads, quiet);
    }

    public ValueTask DisposeAsync()
    {
        publisher.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Asks servers that never reload, one request at a time.</summary>
    private async Task PrepareAsync()
    {
        for (var step = 1; step <= 2; step++)
        {
            folders.Add(publisher.Publish(step, Shape, ToyStudent.RandomWeights(Shape, step)));
            await using var server = await StudentServer.OpenAsync(folders[^1], Options, NullLoggerFactory.Instance);
            for (var prompt = 0; prompt < Prompts; prompt++)
            {
                var request = new GenerationRequest
                {
                    Prompt = new PromptInput.PlainText(SpecOf(prompt).Text),
                    Sampling = new SamplingOptions
                    {
                        Temperature = SpecOf(prompt).Sampling.Temperature,
                        Seed = SpecOf(prompt).Sampling.Seed,
                    },
                    Stopping = new StoppingOptions { MaxTokens = (int)SpecOf(prompt).Stopping.MaxTokens, IgnoreEos = true },
                };
                wanted[(Path.GetFileName(folders[^1]), prompt)] = (await server.Engine.GenerateAsync(request)).Text;
            }
        }
    }

    private async Task<SoakReport> MeasureAsync(int reloads, TimeSpan quiet)
    {
        var loading = new LoadingOptions { MaxProbeDivergence = double.MaxValue };
        await using var server = await StudentServer.OpenAsync(folders[0], Options, NullLoggerFactory.Instance, loading: loading);
        await using var host = await ServingHost.StartAsync(server, new ServingOptions { Port = 0 }, NullLoggerFactory.Instance);
        using var channel = global::Grpc.Net.Client.GrpcChannel.ForAddress(host.Endpoint);
        using var enough = new CancellationTokenSource();
        var callers = Enumerable.Range(0, Callers).Select(caller => CallAsync(channel, server, caller, enough.Token)).ToList();

        await Task.Delay(quiet / 2);
        TakeGaps();
        await Task.Delay(quiet);
        var quietGaps = TakeGaps();
        await ReloadAsync(server, first: 1, reloads / 10);
        var before = Measure();
        await ReloadAsync(server, first: 1 + (reloads / 10), reloads - (reloads / 10));
        var loadedGaps = TakeGaps();
        var after = Measure();
        await enough.CancelAsync();
        await Task.WhenAll(callers);
        return new SoakReport(
            reloads, answers, [.. faults], quietGaps, loadedGaps, after.Tensors - before.Tensors,
            after.AnonymousBytes - before.AnonymousBytes);
    }

    private async Task ReloadAsync(StudentServer server, int first, int count)
    {
        for (var i = first; i < first + count; i++)
        {
            var last = await server.LoadAsync(folders[i % 2], activate: true).LastAsync();
            if (last.State != VersionState.Active)
            {
                faults.Enqueue($"version {last.Number} is {last.State}: {last.Reason}");
            }
        }
    }

    private async Task CallAsync(ChannelBase channel, StudentServer server, int caller, CancellationToken enough)
    {
        var client = new InferenceService.InferenceServiceClient(channel);
        for (var i = caller; !enough.IsCancellationRequested; i++)
        {
            try
            {
                await AskAsync(client, server, i % Prompts);
            }
            catch (RpcException failure)
            {
                faults.Enqueue($"a call failed: {failure.Status}");
            }
        }
    }

    private async Task AskAsync(InferenceService.InferenceServiceClient client, StudentServer server, int prompt)
    {
        using var call = client.StreamGenerate(new StreamGenerateRequest { Spec = SpecOf(prompt) });
        var (text, version, isFinished, last) = ("", 0UL, false, 0L);
        await foreach (var message in call.ResponseStream.ReadAllAsync())
        {
            var now = Stopwatch.GetTimestamp();
            if (message.Delta is { } delta)
            {
                if (last != 0)
                {
                    gaps.Add(Stopwatch.GetElapsedTime(last, now).TotalMilliseconds);
                }

                last = now;
                text += delta.Text;
                if (version != 0 && delta.WeightVersion != version)
                {
                    faults.Enqueue($"an answer pinned to version {version} went on with version {delta.WeightVersion}");
                }

                version = delta.WeightVersion;
            }

            isFinished |= message.Finished is not null;
        }

        Judge(server, prompt, text, version, isFinished);
        Interlocked.Increment(ref answers);
    }

    private void Judge(StudentServer server, int prompt, string text, ulong version, bool isFinished)
    {
        var checkpoint = server.Versions.Find((long)version)?.Checkpoint;
        if (!isFinished)
        {
            faults.Enqueue("a stream was cut short");
        }
        else if (checkpoint is null || text != wanted[(checkpoint, prompt)])
        {
            faults.Enqueue($"version {version} ({checkpoint}) gave a text that a server that never reloads does not give");
        }
    }

    private LatencyHistogram TakeGaps() => Interlocked.Exchange(ref gaps, new LatencyHistogram());

    /// <summary>Every other prompt is drawn at random, from its own seed.</summary>
    private static GenerationSpec SpecOf(int prompt) => new()
    {
        Text = $"Question {prompt}: " + new string((char)('a' + prompt), prompt * 3),
        Sampling = new SamplingParams { Temperature = prompt % 2, Seed = (ulong)prompt },
        Stopping = new StoppingParams { MaxTokens = 48, IgnoreEos = true },
    };

    private static (long Tensors, long AnonymousBytes) Measure()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return (torch.Tensor.TotalCount, OperatingSystem.IsLinux() ? AnonymousBytes() : 0);
    }

    /// <summary>What only this process has, in memory or swapped out; file contents, which can be dropped, are left out.</summary>
    private static long AnonymousBytes() => File.ReadLines("/proc/self/status")
        .Where(line => line.StartsWith("RssAnon:", StringComparison.Ordinal) || line.StartsWith("VmSwap:", StringComparison.Ordinal))
        .Sum(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024);
}
