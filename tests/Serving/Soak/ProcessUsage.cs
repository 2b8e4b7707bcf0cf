using System.Globalization;
using TorchSharp;

namespace Orca.Serving.Tests.Soak;

/// <summary>
/// What this process holds. Anonymous memory and swap are counted rather than what is resident, which mapped files are part of.
/// </summary>
/// <param name="AnonymousBytes">Anonymous memory, swapped out or not.</param>
/// <param name="Tensors">Native tensors.</param>
/// <param name="Threads">Threads of the operating system.</param>
/// <param name="Handles">Open files and sockets.</param>
internal sealed record ProcessUsage(long AnonymousBytes, long Tensors, int Threads, int Handles)
{
    /// <summary>What it holds now, after what nobody uses any more is gone.</summary>
    public static ProcessUsage Now()
    {
        for (var round = 0; round < 2; round++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        var status = File.ReadLines("/proc/self/status").Select(line => line.Split(':', 2))
            .ToDictionary(pair => pair[0], pair => pair[1].Trim());
        long KiB(string name) => long.Parse(status[name].Split(' ')[0], CultureInfo.InvariantCulture);
        return new ProcessUsage(
            (KiB("RssAnon") + KiB("VmSwap")) * 1024, torch.Tensor.TotalCount, (int)KiB("Threads"),
            Directory.GetFiles("/proc/self/fd").Length);
    }
}
