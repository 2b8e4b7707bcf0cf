using System.Globalization;
using Orca.Serving.Tests.Engine;

namespace Orca.Serving.Tests.Checkpoints;

[Collection(nameof(Alone))]
public class ReloadSoakTests(ITestOutputHelper output)
{
    private const long Mebibyte = 1 << 20;

    [Fact]
    public async Task Pitfall_12_Twenty_reloads_under_load_fail_no_call_cut_no_stream_and_leave_nothing_behind()
    {
        var report = await ReloadSoak.RunAsync(reloads: 20, quiet: TimeSpan.FromMilliseconds(200));
        Assert.Empty(report.Faults);
        Assert.True(report.Answers > 20, $"{report}");
        // Versions on their way out hold theirs; none of a finished one may be left.
        Assert.InRange(report.TensorGrowth, -200, 200);
        Assert.InRange(report.AnonymousGrowth, long.MinValue, 48 * Mebibyte);
    }

    /// <summary>
    /// For a quiet machine: <c>ORCA_SOAK_RELOADS=1000 Orca.Serving.Tests -explicit only -method "*Reloads_in_a_row*"
    /// -showLiveOutput</c>.
    /// </summary>
    [Fact(Explicit = true)]
    public async Task Reloads_in_a_row_under_full_load_do_not_make_the_others_wait()
    {
        var reloads = int.Parse(Environment.GetEnvironmentVariable("ORCA_SOAK_RELOADS") ?? "1000", CultureInfo.InvariantCulture);
        var report = await ReloadSoak.RunAsync(reloads, quiet: TimeSpan.FromSeconds(15));
        output.WriteLine($"{report}");
        Assert.Empty(report.Faults);
        Assert.InRange(report.LoadedP99 / report.QuietP99, 0, 1.5);
        Assert.InRange(report.TensorGrowth, -200, 200);
        Assert.InRange(report.AnonymousGrowth, long.MinValue, 24 * Mebibyte);
    }
}
