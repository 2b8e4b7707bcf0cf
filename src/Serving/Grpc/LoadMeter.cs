using Google.Protobuf.WellKnownTypes;
using Orca.Protocol.Admin.V1;
using Orca.Serving.Hosting;

namespace Orca.Serving.Grpc;

/// <summary>What a server has to do as the wire contract has it.</summary>
internal sealed class LoadMeter(StudentServer server)
{
    /// <summary>The load now.</summary>
    public Load Read()
    {
        var report = server.Engine.Rates.Report();
        var now = report.Load;
        return new Load
        {
            Running = (uint)now.Running,
            Waiting = (uint)now.Waiting,
            QueuedPromptTokens = (ulong)now.QueuedPromptTokens,
            KvBlocksTotal = (ulong)now.Blocks,
            KvBlocksFree = (ulong)now.FreeBlocks,
            KvBlocksCached = (ulong)now.CachedBlocks,
            PrefillTokensPerSecond = report.PrefillTokensPerSecond,
            DecodeTokensPerSecond = report.DecodeTokensPerSecond,
            EstimatedQueueTime = report.EstimatedQueueTime is { } wait ? Duration.FromTimeSpan(wait) : null,
            WeightBandwidthBytesPerSecond = report.WeightBytesPerSecond,
            RooflineFraction = report.BandwidthFraction ?? 0,
            ActiveVersion = (ulong)(server.Engine.ActiveVersion ?? 0),
            Paused = server.Engine.IsPaused,
            Draining = server.Engine.IsDraining,
        };
    }
}
