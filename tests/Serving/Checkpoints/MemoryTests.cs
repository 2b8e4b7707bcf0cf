using System.Collections.Immutable;
using Orca.Model.Native;
using Orca.Serving.Checkpoints;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Checkpoints;

public sealed class MemoryTests : IDisposable
{
    private const long Gigabyte = 1L << 30;

    private static readonly ImmutableArray<(long, long)> TwoKept = [(1, 7 * Gigabyte), (2, 7 * Gigabyte)];

    private readonly TemporaryFolder root = new();

    public static TheoryData<MemoryPlan, long, long, bool, long[]> Plans => new()
    {
        // Everything fits; one kept version must go; both; nothing helps.
        { MemoryPlan.Auto, 10, 100, false, [] },
        { MemoryPlan.Auto, 2, 100, false, [1] },
        { MemoryPlan.Auto, -5, 100, false, [1, 2] },
        { MemoryPlan.Auto, -12, 100, true, [1, 2] },
        // A bound of its own, whatever the machine has.
        { MemoryPlan.Auto, 100, 28, false, [] },
        { MemoryPlan.Auto, 100, 27, false, [1] },
        { MemoryPlan.Auto, 100, 13, true, [1, 2] },
        // As asked for.
        { MemoryPlan.InPlace, 100, 100, true, [1, 2] },
        { MemoryPlan.DoubleBuffered, -12, 100, false, [1, 2] },
    };

    [Theory]
    [MemberData(nameof(Plans))]
    public void Pitfall_9_The_plan_follows_from_what_fits(MemoryPlan asked, long available, long most, bool inPlace, long[] unload)
    {
        var options = new LoadingOptions { Plan = asked, MaxWeightBytes = most * Gigabyte };
        var plan = MemoryPlanner.Plan(options, 7 * Gigabyte, Gigabyte, 7 * Gigabyte, TwoKept, available * Gigabyte);
        Assert.Equal((inPlace, string.Join(' ', unload)), (plan.InPlace, string.Join(' ', plan.Unload)));
    }

    [Fact]
    public void The_first_version_needs_no_plan() =>
        Assert.False(MemoryPlanner.Plan(new LoadingOptions { Plan = MemoryPlan.InPlace }, 7, 1, null, [], 0).InPlace);

    [Fact]
    public void Without_groups_the_machine_s_memory_counts()
    {
        Write("proc/meminfo", "MemTotal:       24000000 kB\nMemFree:         1000000 kB\nMemAvailable:   20000000 kB\n");
        Assert.Equal(20_000_000L * 1024, MachineMemory.AvailableBytes(root.Path));
    }

    [Theory]
    [InlineData("0::/a/b\n", "sys/fs/cgroup", "memory.max", "memory.current", "inactive_file")]
    [InlineData("0::/a/b\n", "sys/fs/cgroup/unified", "memory.max", "memory.current", "inactive_file")]
    [InlineData("5:cpu,memory:/a/b\n0::/\n", "sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")]
    public void The_tightest_group_around_the_process_counts_and_droppable_files_are_free(
        string membership, string mount, string limit, string usage, string reclaimable)
    {
        Write("proc/meminfo", "MemAvailable:   20000000 kB\n");
        Write("proc/self/cgroup", membership);
        Write($"{mount}/a/b/{limit}", "max\n");
        Write($"{mount}/a/{limit}", "1000\n");
        Write($"{mount}/a/{usage}", "700\n");
        Write($"{mount}/a/memory.stat", $"anon 600\n{reclaimable} 50\n");
        Assert.Equal(350, MachineMemory.AvailableBytes(root.Path));

        Write($"{mount}/{limit}", "800\n");
        Write($"{mount}/{usage}", "790\n");
        Assert.Equal(10, MachineMemory.AvailableBytes(root.Path));
    }

    [Fact]
    public void This_machine_has_memory() => Assert.InRange(MachineMemory.AvailableBytes(), 1 << 20, 1L << 50);

    public void Dispose() => root.Dispose();

    private void Write(string path, string text)
    {
        var full = Path.Combine(root.Path, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }
}
