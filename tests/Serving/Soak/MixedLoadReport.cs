using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Orca.Serving.Tests.Soak;

/// <summary>What came of a soak. Callers add to it from many threads while it lasts.</summary>
internal sealed class MixedLoadReport
{
    private const int MostFailuresKept = 50;

    private readonly ConcurrentDictionary<string, int> calls = new();
    private readonly ConcurrentDictionary<string, int> refusals = new();
    private readonly ConcurrentQueue<string> failures = new();
    private readonly long[] gaps = new long[24];
    private long worstGapMicroseconds;
    private int failed;

    /// <summary>Calls that ended as they should, by what the caller does.</summary>
    public IReadOnlyDictionary<string, int> Calls => calls;

    /// <summary>What went wrong, the first of it; empty where nothing did.</summary>
    public IReadOnlyCollection<string> Failures => failures;

    /// <summary>What the process held when the load had warmed it up, and when the load was gone.</summary>
    public ProcessUsage? Before { get; set; }

    public ProcessUsage? After { get; set; }

    /// <summary>Blocks of the cache when the load was gone.</summary>
    public (int All, int Free, int Cached, int Used) Blocks { get; set; }

    /// <summary>Versions that answered, and that were turned away.</summary>
    public (int Answered, int Rejected) Versions { get; set; }

    /// <summary>Forced collections.</summary>
    public int Collections { get; set; }

    /// <summary>The longest time between two messages of one answer that nobody disturbed.</summary>
    public TimeSpan WorstGap => TimeSpan.FromMicroseconds(worstGapMicroseconds);

    public void Succeeded(string kind) => calls.AddOrUpdate(kind, 1, (_, count) => count + 1);

    public void Refused(string kind) => refusals.AddOrUpdate(kind, 1, (_, count) => count + 1);

    public void Failed(string kind, string what)
    {
        if (Interlocked.Increment(ref failed) <= MostFailuresKept)
        {
            failures.Enqueue($"{kind}: {what}");
        }
    }

    public void Gap(TimeSpan gap)
    {
        var microseconds = (long)gap.TotalMicroseconds;
        Interlocked.Increment(ref gaps[Math.Min(gaps.Length - 1, 64 - long.LeadingZeroCount(microseconds))]);
        for (var worst = Volatile.Read(ref worstGapMicroseconds); microseconds > worst; worst = Volatile.Read(ref worstGapMicroseconds))
        {
            Interlocked.CompareExchange(ref worstGapMicroseconds, microseconds, worst);
        }
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"calls: {Counts(calls)}; refused: {Counts(refusals)}; failed: {failed}\n");
        text.Append(
            CultureInfo.InvariantCulture,
            $"versions: {Versions.Answered} answered, {Versions.Rejected} rejected; {Collections} forced collections\n");
        text.Append(
            CultureInfo.InvariantCulture,
            $"inter-token gap: half below {Share(0.5)}, 99 % below {Share(0.99)}, worst {WorstGap.TotalMilliseconds:0.0} ms\n");
        text.Append(
            CultureInfo.InvariantCulture, $"blocks: {Blocks.All} = {Blocks.Free} free + {Blocks.Cached} cached + {Blocks.Used} used\n");
        text.Append(
            CultureInfo.InvariantCulture,
            $"anonymous memory: {MiB(Before)} -> {MiB(After)} MiB; tensors: {Before?.Tensors} -> {After?.Tensors}; ");
        text.Append(
            CultureInfo.InvariantCulture,
            $"threads: {Before?.Threads} -> {After?.Threads}; handles: {Before?.Handles} -> {After?.Handles}\n");
        foreach (var failure in failures)
        {
            text.Append(failure).Append('\n');
        }

        return text.ToString();
    }

    private static string Counts(ConcurrentDictionary<string, int> counts) =>
        counts.IsEmpty ? "none" : string.Join(", ", counts.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key} {pair.Value}"));

    private static string MiB(ProcessUsage? usage) =>
        ((usage?.AnonymousBytes ?? 0) / 1048576.0).ToString("0.0", CultureInfo.InvariantCulture);

    /// <summary>The gaps are counted by powers of two.</summary>
    private string Share(double share)
    {
        var (left, bucket) = (share * gaps.Sum(), 0);
        while (bucket < gaps.Length - 1 && (left -= gaps[bucket]) > 0)
        {
            bucket++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{Math.Pow(2, bucket) / 1000:0.0} ms");
    }
}
