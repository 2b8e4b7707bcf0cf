using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Orca.Streams.Curricula.Control;

/// <summary>Commands as JSON: <c>{"command":"mixture","weights":{"cot":2}}</c>.</summary>
public static class CommandJson
{
    /// <summary>How all values of this folder are written: limits may be without end.</summary>
    internal static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowOutOfOrderMetadataProperties = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { WithoutKind } },
    };

    private static readonly Dictionary<string, Type> Kinds = typeof(CurriculumCommand)
        .GetCustomAttributes(typeof(JsonDerivedTypeAttribute), inherit: false).Cast<JsonDerivedTypeAttribute>()
        .ToDictionary(kind => (string)kind.TypeDiscriminator!, kind => kind.DerivedType);

    /// <summary>Writes a command with its kind.</summary>
    public static string Write(CurriculumCommand command) => JsonSerializer.Serialize(command, Options);

    /// <summary>Reads a command with its kind.</summary>
    /// <exception cref="CommandRefusedException">It is none; the message says what was found.</exception>
    public static CurriculumCommand Read(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<CurriculumCommand>(json, Options) ?? throw Refused("null");
        }
        catch (Exception failure) when (failure is JsonException or NotSupportedException)
        {
            throw Refused(failure.Message);
        }
    }

    /// <summary>Writes what a command holds besides its kind, as it is journaled.</summary>
    internal static string WritePayload(CurriculumCommand command) => JsonSerializer.Serialize(command, command.GetType(), Options);

    /// <summary>Reads a command as it is journaled; null where its kind is not known.</summary>
    internal static CurriculumCommand? ReadPayload(string kind, string payload) =>
        Kinds.TryGetValue(kind, out var type) ? (CurriculumCommand?)JsonSerializer.Deserialize(payload, type, Options) : null;

    // It is told by what the command is, once.
    private static void WithoutKind(JsonTypeInfo type)
    {
        if (type.Type.IsAssignableTo(typeof(CurriculumCommand))
            && type.Properties.FirstOrDefault(property => property.Name == "kind") is { } kind)
        {
            type.Properties.Remove(kind);
        }
    }

    private static CommandRefusedException Refused(string found) => new(
        $"The command cannot be read ({found}); give JSON such as {{\"command\":\"mixture\",\"weights\":{{\"cot\":2}}}}, "
            + $"with one of {string.Join(", ", Kinds.Keys)}.");
}
