using System.Text.Json;
using Orca.Streams.Tasks;

namespace Orca.Streams.Curricula;

/// <summary>How far collecting has come: every query before it has ended.</summary>
/// <param name="Stage">Name of the stage collected for.</param>
/// <param name="Sampler">Where the sampler stands.</param>
internal sealed record CollectorPosition(string Stage, SamplerState Sampler)
{
    public string ToJson() => JsonSerializer.Serialize(this);

    public static CollectorPosition? FromJson(string? json) => json is null ? null : JsonSerializer.Deserialize<CollectorPosition>(json);
}

/// <summary>Queries end in any order; tells up to which one all have.</summary>
internal sealed class SettledPrefix
{
    private readonly Lock gate = new();
    private readonly Dictionary<long, CollectorPosition> settled = [];
    private long next;

    /// <summary>
    /// Query number <paramref name="sequence"/> has ended; returns the position after the last one before which all have, null where
    /// that has not moved.
    /// </summary>
    public CollectorPosition? Settle(long sequence, CollectorPosition after)
    {
        lock (gate)
        {
            settled.Add(sequence, after);
            CollectorPosition? reached = null;
            while (settled.Remove(next, out var position))
            {
                reached = position;
                next++;
            }

            return reached;
        }
    }
}
