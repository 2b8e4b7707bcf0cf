using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orca.Streams.Curricula.Lessons;

namespace Orca.Training.Packing;

/// <summary>All that a <see cref="LessonPacker"/> knows between two steps.</summary>
public sealed record PackerState
{
    /// <summary>Lessons that wait, longest wait first.</summary>
    public required ImmutableArray<Lesson> Waiting { get; init; }

    /// <summary>Lessons offered so far, refused ones included.</summary>
    public required long Taken { get; init; }

    /// <summary>Lessons offered since a row was last packed.</summary>
    public long TakenForStep { get; init; }

    /// <summary>Lessons refused so far, by reason.</summary>
    public required ImmutableDictionary<LessonRefusal, long> Refused { get; init; }

    /// <summary>The state as UTF-8 JSON.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, PackerStateJson.Default.PackerState);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="JsonException">The bytes are no packer state.</exception>
    public static PackerState FromJson(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, PackerStateJson.Default.PackerState) ?? throw new JsonException("the packer's state is null");
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(PackerState))]
internal sealed partial class PackerStateJson : JsonSerializerContext;
