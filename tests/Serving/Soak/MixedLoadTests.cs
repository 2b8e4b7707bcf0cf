using System.Globalization;
using Orca.Serving.Tests.Engine;

namespace Orca.Serving.Tests.Soak;

/// <summary>
/// Ten seconds of a soak that can run as long as one likes: <c>ORCA_SOAK_MINUTES=10</c> says how long,
/// <c>ORCA_SOAK_REPORT=FILE</c> where to write its report.
/// </summary>
[Collection(nameof(Alone))]
public class MixedLoadTests
{
    private const long MiB = 1 << 20;

    [Fact]
    public async Task Under_every_kind_of_caller_collections_and_faulty_checkpoints_no_call_fails_and_nothing_leaks()
    {
        var minutes = double.Parse(Environment.GetEnvironmentVariable("ORCA_SOAK_MINUTES") ?? "0.17", CultureInfo.InvariantCulture);

        var report = await MixedLoad.RunAsync(TimeSpan.FromMinutes(minutes), seed: 1);

        TestContext.Current.TestOutputHelper?.WriteLine(report.ToString());
        if (Environment.GetEnvironmentVariable("ORCA_SOAK_REPORT") is { Length: > 0 } file)
        {
            await File.WriteAllTextAsync(file, report.ToString(), TestContext.Current.CancellationToken);
        }

        var (before, after) = (report.Before!, report.After!);
        Assert.True(report.Failures.Count == 0, report.ToString());
        Assert.Superset(
            new[] { "read", "score", "json", "cancel", "deadline", "long prompt", "stall", "cancel by name", "bad request" }.ToHashSet(),
            report.Calls.Keys.ToHashSet());
        Assert.True(report.Versions is { Answered: > 2, Rejected: > 0 }, report.ToString());
        Assert.True(
            report.Blocks.Used == 0 && report.Blocks.Free + report.Blocks.Cached == report.Blocks.All && report.Blocks.All > 0,
            report.ToString());

        // A version more may be kept than before: two dozen tensors. Whatever a call or a reload left behind would be hundreds.
        Assert.True(after.Tensors <= before.Tensors + 24, report.ToString());
        Assert.True(after.Threads <= before.Threads + 16, report.ToString());
        Assert.True(after.Handles <= before.Handles + 32, report.ToString());
        Assert.True(after.AnonymousBytes <= before.AnonymousBytes + (96 * MiB), report.ToString());
    }
}
