using Orca.Serving.Admission;
using Orca.Serving.Engine;

namespace Orca.Serving.Observability;

/// <summary>
/// How fast an engine is, over the last seconds: looks at its counters once a second, so that measuring costs the engine's
/// thread nothing. Safe to use from several threads.
/// </summary>
public sealed class LoadRates : IDisposable
{
    /// <summary>Time that the rates are taken over.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly Queue<(long At, EngineLoad Load)> samples = new();
    private readonly Func<EngineLoad> read;
    private readonly Func<long> stepBytes;
    private readonly Func<double?> bandwidth;
    private readonly TimeProvider clock;
    private readonly ITimer timer;
    private (double? Prefill, double? Decode, double? Step) speed;

    /// <param name="read">The engine's counters.</param>
    /// <param name="stepBytes">Bytes of weights that a step reads now.</param>
    /// <param name="bandwidth">Bytes a second that memory gives; null where that is not known.</param>
    /// <param name="clock">Measures.</param>
    internal LoadRates(Func<EngineLoad> read, Func<long> stepBytes, Func<double?> bandwidth, TimeProvider clock)
    {
        (this.read, this.stepBytes, this.bandwidth, this.clock) = (read, stepBytes, bandwidth, clock);
        samples.Enqueue((clock.GetTimestamp(), read()));
        timer = clock.CreateTimer(_ => Sample(), null, Interval, Interval);
    }

    /// <summary>How long a request that came now would wait; null before the engine's speed is known.</summary>
    internal Func<TimeSpan?> EstimateWait { private get; init; } = () => null;

    /// <summary>The rates up to now.</summary>
    public LoadReport Report()
    {
        var now = read();
        (long At, EngineLoad Load) first;
        lock (gate)
        {
            first = samples.Peek();
        }

        var seconds = Math.Max(clock.GetElapsedTime(first.At).TotalSeconds, 1e-9);
        var decoding = now.DecodeSeconds - first.Load.DecodeSeconds;
        var achieved = decoding > 0 ? (now.DecodeSteps - first.Load.DecodeSteps) * stepBytes() / decoding : 0;
        return new LoadReport
        {
            Load = now,
            PrefillTokensPerSecond = (now.PromptTokens - first.Load.PromptTokens) / seconds,
            DecodeTokensPerSecond = (now.DecodeTokens - first.Load.DecodeTokens) / seconds,
            WeightBytesPerSecond = achieved,
            BandwidthFraction = bandwidth() is { } most ? achieved / most : null,
            EstimatedQueueTime = EstimateWait(),
        };
    }

    public void Dispose() => timer.Dispose();

    /// <summary>How fast it was when it last computed; null before it has done both kinds of step.</summary>
    /// <param name="hasFreePlace">Whether it would take another request at once.</param>
    internal WorkRates? Work(bool hasFreePlace)
    {
        lock (gate)
        {
            return speed is ({ } prefill, { } decode, { } step) ? new WorkRates(prefill, decode, step, hasFreePlace) : null;
        }
    }

    private void Sample()
    {
        var now = read();
        lock (gate)
        {
            samples.Enqueue((clock.GetTimestamp(), now));
            while (clock.GetElapsedTime(samples.Peek().At) > Window)
            {
                samples.Dequeue();
            }

            Learn(samples.Peek().Load, now);
        }
    }

    // Over the time spent on each kind of step; what was not done in the window keeps the speed it had.
    private void Learn(EngineLoad first, EngineLoad now)
    {
        var (prefilled, decoded, steps) = (now.PromptTokens - first.PromptTokens, now.DecodeTokens - first.DecodeTokens, now.DecodeSteps - first.DecodeSteps);
        var (prefilling, decoding) = (now.PrefillSeconds - first.PrefillSeconds, now.DecodeSeconds - first.DecodeSeconds);
        if (prefilled > 0 && prefilling > 0)
        {
            speed.Prefill = prefilled / prefilling;
        }

        if (decoded > 0 && decoding > 0)
        {
            (speed.Decode, speed.Step) = (decoded / decoding, decoding / steps);
        }
    }
}
