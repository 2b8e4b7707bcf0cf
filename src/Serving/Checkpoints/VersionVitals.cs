using System.Collections.Immutable;

namespace Orca.Serving.Checkpoints;

/// <summary>
/// How a version does while it answers, by the draws that requests leave to it. Written by the engine's thread alone; read by anyone.
/// While it is watched, it is compared with the version before it after every answer begun and every failed draw.
/// </summary>
/// <remarks>
/// Where several callers are answered, no single one of them can speak against a version by its answers: whichever is left out,
/// the others' must show the same. Else whoever knows prompts that any student answers by its end alone could have every new
/// version taken back.
/// </remarks>
internal sealed class VersionVitals
{
    private readonly TaskCompletionSource<string> tripped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock gate = new();
    private readonly Dictionary<string, VitalCounts> counts = new(StringComparer.Ordinal);
    private VitalCounts all;
    private volatile Watch? watch;

    /// <summary>
    /// Ends with the reason when the version does so much worse than the one before that it should not answer; else never.
    /// </summary>
    public Task<string> Tripped => tripped.Task;

    /// <summary>What it has done so far.</summary>
    public VitalCounts Counts
    {
        get
        {
            lock (gate)
            {
                return all;
            }
        }
    }

    /// <summary>What it has done so far for each caller.</summary>
    public ImmutableDictionary<string, VitalCounts> CountsOfCallers
    {
        get
        {
            lock (gate)
            {
                return counts.ToImmutableDictionary(StringComparer.Ordinal);
            }
        }
    }

    /// <summary>Compares what it does from some moment on with what the version before it had done, for each caller.</summary>
    /// <param name="start">What it had done at that moment.</param>
    /// <param name="before">What the version before it had done.</param>
    /// <param name="options">The bounds.</param>
    public void Begin(
        ImmutableDictionary<string, VitalCounts> start, ImmutableDictionary<string, VitalCounts> before, TripwireOptions options)
    {
        watch = new Watch(start, before, options);
        Compare();
    }

    /// <summary>Compares it no longer.</summary>
    public void End() => watch = null;

    /// <summary>Notes one token drawn, or not.</summary>
    /// <param name="isEnd">It is one by which the student ends its answer.</param>
    /// <param name="finite">Its logits were numbers; where they were not, nothing was drawn.</param>
    /// <param name="position">Its place in the answer, from 0.</param>
    /// <param name="caller">Whose answer it is; empty where callers are not told apart.</param>
    public void Drew(bool isEnd, bool finite, int position, string caller = "")
    {
        var drawn = VitalCounts.OfDraw(isEnd, finite, isFirst: position == 0);
        lock (gate)
        {
            all += drawn;
            counts[caller] = counts.GetValueOrDefault(caller) + drawn;
        }

        if (!finite || position == 0)
        {
            Compare();
        }
    }

    private void Compare()
    {
        if (watch is not { } watched)
        {
            return;
        }

        var now = Counts - watched.AllAtStart;
        if (Tripwires.Judge(now, watched.AllBefore, watched.Options) is { } reason
            && (Tripwires.JudgeLogits(now, watched.AllBefore, watched.Options) is not null || IsSharedByCallers(now, watched)))
        {
            watch = null;
            tripped.TrySetResult(reason);
        }
        else if (now.Answers >= watched.Options.WatchedAnswers)
        {
            watch = null;
        }
    }

    /// <summary>Whether the answers speak against it whichever caller is left out; true where there is but one.</summary>
    private bool IsSharedByCallers(VitalCounts now, Watch watched)
    {
        var callers = CountsOfCallers
            .Select(pair => (Now: pair.Value - watched.AtStart.GetValueOrDefault(pair.Key), Before: watched.Before.GetValueOrDefault(pair.Key)))
            .Where(caller => caller.Now.Draws > 0)
            .ToList();
        var isAlone = callers.Count == 1 && callers[0].Before == watched.AllBefore;
        return isAlone || callers.All(caller => Tripwires.JudgeAnswers(
            now - caller.Now, watched.AllBefore - caller.Before, watched.Options) is not null);
    }

    private sealed record Watch(
        ImmutableDictionary<string, VitalCounts> AtStart, ImmutableDictionary<string, VitalCounts> Before, TripwireOptions Options)
    {
        public VitalCounts AllAtStart { get; } = VitalCounts.SumOf(AtStart.Values);

        public VitalCounts AllBefore { get; } = VitalCounts.SumOf(Before.Values);
    }
}

/// <summary>What a version has done.</summary>
/// <param name="Draws">Tokens drawn, or not for want of finite logits.</param>
/// <param name="NonFinite">Draws whose logits were not finite.</param>
/// <param name="Answers">Answers begun.</param>
/// <param name="Empty">Answers whose first token ended them.</param>
/// <param name="Ends">Answers that the student ended itself.</param>
internal readonly record struct VitalCounts(long Draws, long NonFinite, long Answers, long Empty, long Ends)
{
    /// <summary>One draw.</summary>
    public static VitalCounts OfDraw(bool isEnd, bool finite, bool isFirst) => new(
        1, finite ? 0 : 1, isFirst ? 1 : 0, isFirst && finite && isEnd ? 1 : 0, finite && isEnd ? 1 : 0);

    /// <summary>All of these together.</summary>
    public static VitalCounts SumOf(IEnumerable<VitalCounts> counts) => counts.Aggregate(default(VitalCounts), (sum, one) => sum + one);

    public static VitalCounts operator +(VitalCounts one, VitalCounts other) => new(
        one.Draws + other.Draws, one.NonFinite + other.NonFinite, one.Answers + other.Answers,
        one.Empty + other.Empty, one.Ends + other.Ends);

    public static VitalCounts operator -(VitalCounts all, VitalCounts earlier) => new(
        all.Draws - earlier.Draws, all.NonFinite - earlier.NonFinite, all.Answers - earlier.Answers,
        all.Empty - earlier.Empty, all.Ends - earlier.Ends);
}
