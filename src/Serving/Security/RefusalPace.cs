using Microsoft.AspNetCore.Http;

namespace Orca.Serving.Security;

/// <summary>
/// Answers a key's refusals later where it has many: who sends what is refused again and again, without a pause, would else keep
/// the processors busy with refusing it, at the cost of those who are answered. Nothing but refusals waits. Safe to use from
/// several threads.
/// </summary>
/// <remarks>
/// A key may be refused <see cref="FreeAtOnce"/> times at once and <see cref="FreePerSecond"/> times a second; each refusal beyond
/// adds <see cref="Step"/> to what the next one waits, up to <see cref="Longest"/>. Callers without a key are not told apart, so
/// that theirs never wait.
/// </remarks>
internal sealed class RefusalPace(TimeProvider clock)
{
    /// <summary>Refusals that no caller notices.</summary>
    public const int FreeAtOnce = 20;

    /// <summary>Refusals a second that a key is forgiven.</summary>
    public const double FreePerSecond = 10;

    /// <summary>What each further one adds.</summary>
    public static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    /// <summary>What a refusal waits at most.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly Dictionary<string, (double Refusals, long At)> keys = new(StringComparer.Ordinal);

    /// <summary>Waits as long as a refusal of this call's is to wait.</summary>
    public Task HoldAsync(HttpContext context) =>
        Next(context.Identity().Name) is { Ticks: > 0 } wait ? Task.Delay(wait, clock, context.RequestAborted) : Task.CompletedTask;

    /// <summary>Notes a refusal, and gives what it is to wait.</summary>
    internal TimeSpan Next(string caller)
    {
        if (caller.Length == 0)
        {
            return TimeSpan.Zero;
        }

        var most = FreeAtOnce + (Longest / Step);
        lock (gate)
        {
            var now = clock.GetTimestamp();
            var (before, at) = keys.GetValueOrDefault(caller, (0, now));
            var refusals = Math.Min(most, Math.Max(0, before - (FreePerSecond * clock.GetElapsedTime(at, now).TotalSeconds)) + 1);
            keys[caller] = (refusals, now);
            return Step * Math.Max(0, refusals - FreeAtOnce);
        }
    }
}
