using Orca.Serving.Checkpoints;
using Orca.Serving.Tests.Grpc;
using Orca.Serving.Tests.Students;
using TorchSharp;

namespace Orca.Serving.Tests.Soak;

/// <summary>
/// A real server over gRPC under everything at once: callers of every kind, forced garbage collections, and checkpoints
/// published without a pause, faulty ones among them.
/// </summary>
internal sealed class MixedLoad(ServerFixture server, MixedLoadReport report, int seed)
{
    private const int CheckpointsKept = 16;

    private static readonly TimeSpan BetweenCheckpoints = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan BetweenCollections = TimeSpan.FromMilliseconds(100);

    private readonly Random random = new(seed);
    private long step = 1;

    /// <summary>Runs for a time, of which a third warms the process up.</summary>
    public static async Task<MixedLoadReport> RunAsync(TimeSpan duration, int seed)
    {
        await using var server = await ServerFixture.StartAsync(MixedCallers.Forward, endless: true, MixedCallers.Context);
        var report = new MixedLoadReport();
        var load = new MixedLoad(server, report, seed);
        await load.RunAsync(duration / 3);
        report.Before = ProcessUsage.Now();
        await load.RunAsync(duration * 2 / 3);
        report.After = ProcessUsage.Now();
        var end = server.Student.Engine.Load;
        report.Blocks = (end.Blocks, end.FreeBlocks, end.CachedBlocks, end.UsedBlocks);
        var versions = server.Student.Versions.List();
        report.Versions = (versions.Count(version => version.State != VersionState.Rejected), versions.Count(version => version.State == VersionState.Rejected));
        return report;
    }

    private async Task RunAsync(TimeSpan duration)
    {
        using var stop = new CancellationTokenSource(duration);
        await Task.WhenAll(
            new MixedCallers(server, report).CallAsync(random.Next(), stop.Token), PublishAsync(stop.Token), CollectAsync(stop.Token));

        // What is left when nobody calls: one good version more, so that what was loaded last is always of the same kind.
        Publish(isGood: true);
        await server.ServesAsync(step);
        await Patience.UntilAsync(() => server.Student.Engine.Load is { Running: 0, Waiting: 0, UsedBlocks: 0 });
        await Patience.UntilAsync(() => server.Student.Versions.List().All(version => version.State is not (VersionState.Staged or VersionState.Validating or VersionState.Probed or VersionState.Draining)));
    }

    private async Task PublishAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            Publish(isGood: random.Next(3) > 0);
            foreach (var old in Directory.GetDirectories(server.Checkpoints.Root, "step-*").OrderDescending().Skip(CheckpointsKept))
            {
                Directory.Delete(old, recursive: true);
            }

            await PauseAsync(BetweenCheckpoints, stop);
        }
    }

    private void Publish(bool isGood)
    {
        step++;
        var text = random.Next(2) == 0 ? MixedCallers.Forward : MixedCallers.Backward;
        if (isGood)
        {
            server.Checkpoints.PublishSpeller(step, text, endless: true, MixedCallers.Context);
        }
        else if (random.Next(2) == 0)
        {
            PublishTorn(text);
        }
        else
        {
            PublishNotFinite(text);
        }
    }

    /// <summary>As a copy from elsewhere would arrive that broke off: whole by its names.</summary>
    private void PublishTorn(string text)
    {
        using var elsewhere = new Publisher();
        var torn = elsewhere.PublishSpeller(step, text, endless: true, MixedCallers.Context);
        using (var weights = File.OpenWrite(Path.Combine(torn, "model.safetensors")))
        {
            weights.SetLength(weights.Length - random.Next(1, 1_000));
        }

        var name = Path.GetFileName(torn);
        CopyFolder(torn, Path.Combine(server.Checkpoints.Root, $"{name}.part"));
        Directory.Move(Path.Combine(server.Checkpoints.Root, $"{name}.part"), Path.Combine(server.Checkpoints.Root, name));
        var pointer = Path.Combine(server.Checkpoints.Root, "latest");
        File.Copy(Path.Combine(elsewhere.Root, "latest"), $"{pointer}.part");
        File.Move($"{pointer}.part", pointer, overwrite: true);
    }

    private void PublishNotFinite(string text)
    {
        var (config, weights) = ToyStudent.Spelling(text, endless: true, MixedCallers.Context);
        using (var row = weights["model.norm.weight"].narrow(0, random.Next(200), 1))
        {
            using Scalar wrong = random.Next(2) == 0 ? float.NaN : float.NegativeInfinity;
            row.fill_(wrong);
        }

        server.Checkpoints.Publish(step, config, weights);
    }

    private async Task CollectAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: random.Next(4) == 0);
            GC.WaitForPendingFinalizers();
            report.Collections++;
            await PauseAsync(BetweenCollections, stop);
        }
    }

    private static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }

    private static async Task PauseAsync(TimeSpan time, CancellationToken stop) =>
        await Task.Delay(time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
