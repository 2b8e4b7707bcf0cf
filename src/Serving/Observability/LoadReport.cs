using Orca.Serving.Engine;

namespace Orca.Serving.Observability;

/// <summary>What an engine has to do, and how fast it has been over the last seconds.</summary>
public sealed record LoadReport
{
    /// <summary>What it has to do, and has done since it began.</summary>
    public required EngineLoad Load { get; init; }

    /// <summary>Tokens of prompts computed a second, idle time included.</summary>
    public required double PrefillTokensPerSecond { get; init; }

    /// <summary>Tokens of answers computed a second, all together, idle time included.</summary>
    public required double DecodeTokensPerSecond { get; init; }

    /// <summary>Bytes of weights read a second while tokens of answers were computed; 0 where none were.</summary>
    public required double WeightBytesPerSecond { get; init; }

    /// <summary>
    /// <see cref="WeightBytesPerSecond"/> as a share of what memory gives when it is read and nothing else; null before that
    /// is measured, and where the weights are not in this machine's own memory.
    /// </summary>
    public double? BandwidthFraction { get; init; }

    /// <summary>How long a request that came now would wait; null before the engine's speed is known.</summary>
    public TimeSpan? EstimatedQueueTime { get; init; }
}
