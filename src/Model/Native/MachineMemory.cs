using System.Globalization;

namespace Orca.Model.Native;

/// <summary>How much memory this process may still take, by the machine and by the groups that limit the process.</summary>
public static class MachineMemory
{
    /// <summary>
    /// Bytes that can be taken without anything being swapped out or killed. Content of files that can be dropped counts as free.
    /// </summary>
    /// <param name="root">Where the system's files lie; other than <c>/</c> in tests.</param>
    public static long AvailableBytes(string root = "/") => File.Exists(Path.Combine(root, "proc/meminfo"))
        ? Math.Max(0, GroupLimits(root).Prepend(MachineWide(root)).Min())
        : Math.Max(0, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes - Environment.WorkingSet);

    private static long MachineWide(string root) => File.ReadLines(Path.Combine(root, "proc/meminfo"))
        .Where(line => line.StartsWith("MemAvailable:", StringComparison.Ordinal))
        .Select(line => Number(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) * 1024)
        .FirstOrDefault(long.MaxValue);

    /// <summary>What the process's groups leave it, innermost and all around it.</summary>
    private static IEnumerable<long> GroupLimits(string root)
    {
        var membership = Path.Combine(root, "proc/self/cgroup");
        foreach (var fields in (File.Exists(membership) ? File.ReadLines(membership) : []).Select(line => line.Split(':', 3)))
        {
            var (mounts, limit, usage, reclaimable) = fields switch
            {
                ["0", "", _] => (new[] { "sys/fs/cgroup", "sys/fs/cgroup/unified" }, "memory.max", "memory.current", "inactive_file"),
                [_, var controllers, _] when controllers.Split(',').Contains("memory") =>
                    (["sys/fs/cgroup/memory"], "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
                _ => ([], "", "", ""),
            };
            foreach (var group in mounts.SelectMany(mount => Upward(Path.Combine(root, mount), fields[2])))
            {
                if (TryNumber(Path.Combine(group, limit)) is { } most && TryNumber(Path.Combine(group, usage)) is { } taken)
                {
                    yield return most - taken + Statistic(Path.Combine(group, "memory.stat"), reclaimable);
                }
            }
        }
    }

    /// <summary>
    /// A group's folder and those above it; within a container the path may be seen from outside, then only the mount itself exists.
    /// </summary>
    private static IEnumerable<string> Upward(string mount, string group)
    {
        for (var path = group.Trim('/'); path.Length > 0; path = Path.GetDirectoryName(path) ?? "")
        {
            yield return Path.Combine(mount, path);
        }

        yield return mount;
    }

    private static long Statistic(string path, string name) => !File.Exists(path) ? 0 : File.ReadLines(path)
        .Where(line => line.StartsWith(name + " ", StringComparison.Ordinal))
        .Select(line => Number(line[(name.Length + 1)..]))
        .FirstOrDefault();

    // Null where there is no such file, or it says "max".
    private static long? TryNumber(string path) =>
        File.Exists(path) && long.TryParse(File.ReadAllText(path).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    private static long Number(string text) => long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
