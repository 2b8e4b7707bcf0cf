using Orca.Protocol.Admin.V1;
using Orca.Serving.Engine;
using Orca.Serving.Hosting;

namespace Orca.Serving.Grpc;

/// <summary>What a server has to do, with rates over the last seconds. Safe to read from several threads.</summary>
internal sealed class LoadMeter(StudentServer server, TimeProvider clock)
{
    // Rates are taken over the time since a reading between one and two of these ago.
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private (long Time, EngineLoad Load)? before;
    private (long Time, EngineLoad Load)? between;

    /// <summary>The load now.</summary>
    public Load Read()
    {
        var now = server.Engine.Load;
        var (since, old) = Since(now);
        double Each(long count, long counted, double seconds) => seconds > 0 ? (count - counted) / seconds : 0;
        var active = server.Versions.Active;
        return new Load
        {
            Running = (uint)now.Running,
            Waiting = (uint)now.Waiting,
            QueuedPromptTokens = (ulong)now.QueuedPromptTokens,
            KvBlocksTotal = (ulong)now.Blocks,
            KvBlocksFree = (ulong)now.FreeBlocks,
            KvBlocksCached = (ulong)now.CachedBlocks,
            PrefillTokensPerSecond = Each(now.PromptTokens, old.PromptTokens, since.TotalSeconds),
            DecodeTokensPerSecond = Each(now.CompletionTokens, old.CompletionTokens, since.TotalSeconds),
            WeightBandwidthBytesPerSecond = (active?.WeightBytes ?? 0) * Each(now.DecodeSteps, old.DecodeSteps, now.DecodeSeconds - old.DecodeSeconds),
            ActiveVersion = (ulong)(active?.Number ?? 0),
            Paused = server.Engine.IsPaused,
            Draining = server.Engine.IsDraining,
        };
    }

    private (TimeSpan Since, EngineLoad Load) Since(EngineLoad now)
    {
        lock (gate)
        {
            var time = clock.GetTimestamp();
            between ??= (time, now);
            before ??= between;
            if (clock.GetElapsedTime(between.Value.Time, time) >= Window)
            {
                (before, between) = (between, (time, now));
            }

            return (clock.GetElapsedTime(before.Value.Time, time), before.Value.Load);
        }
    }
}
