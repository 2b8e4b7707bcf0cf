using System.Text.Json;
using Orca.Streams.Tasks;

namespace Orca.Streams.Collecting;

/// <summary>How far collecting has come: every query before it has ended.</summary>
/// <param name="Stage">Name of the stage collected for.</param>
/// <param name="Sampler">Where the sampler stands.</param>
internal sealed record CollectorPosition(string Stage, SamplerState Sampler)
{
    /// <summary>Number of the last draw before it.</summary>
    public long Draws { get; init; }

    /// <summary>Of a stage of practice: places of the stage before whose questions were drawn.</summary>
    public long Explained { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this);

    public static CollectorPosition? FromJson(string? json) => json is null ? null : JsonSerializer.Deserialize<CollectorPosition>(json);
}
