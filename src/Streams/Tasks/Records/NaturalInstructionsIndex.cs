using System.Collections.Immutable;
using System.Text.Json;
using Orca.Streams.Answers;

namespace Orca.Streams.Tasks.Records;

/// <summary>Where an instance lies in its file, in bytes.</summary>
internal readonly record struct InstancePlace(long Offset, int Length);

/// <summary>A task's definition and the places of its instances: what is kept of an opened file.</summary>
internal sealed record NaturalInstructionsIndex(string Definition, ImmutableArray<InstancePlace> Instances)
{
    /// <summary>How all its answers are compared; null where each one's own form tells.</summary>
    public AnswerKind? Kind { get; init; }

    /// <summary>Reads a task file once; instances without input or output are reported by their line and left out.</summary>
    /// <exception cref="JsonException">The file is not JSON; its LineNumber says where, from 0.</exception>
    public static NaturalInstructionsIndex? Of(ReadOnlyMemory<byte> json, Action<long, string> fault)
    {
        var markBytes = json.Span.StartsWith("\uFEFF"u8) ? 3 : 0;
        var body = json[markBytes..];
        var reader = new Utf8JsonReader(body.Span);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            fault(1, "The file is no task; expected a JSON object with Definition and Instances.");
            return null;
        }

        var definition = "";
        var places = ImmutableArray.CreateBuilder<InstancePlace>();
        var outputs = new List<ImmutableArray<string>>();
        var found = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("Definition"u8))
            {
                reader.Read();
                definition = DefinitionOf(JsonElement.ParseValue(ref reader));
            }
            else if (reader.ValueTextEquals("Instances"u8))
            {
                reader.Read();
                found = reader.TokenType == JsonTokenType.StartArray;
                ReadPlaces(ref reader, body.Span, markBytes, places, outputs, fault);
            }
            else
            {
                reader.Skip();
            }
        }

        if (!found)
        {
            fault(1, "The file is no task: it has no list of Instances; expected a JSON object with Definition and Instances.");
            return null;
        }

        return new NaturalInstructionsIndex(definition, places.ToImmutable())
        {
            Kind = AnswerForm.KindOfTask(definition, outputs),
        };
    }

    /// <summary>The outputs of an instance, a text or a list of texts; empty where it has none.</summary>
    public static ImmutableArray<string> OutputsOf(JsonElement output)
    {
        var texts = output.ValueKind switch
        {
            JsonValueKind.String => [output.GetString()!],
            JsonValueKind.Array => output.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String)
                .Select(item => item.GetString()!),
            _ => Enumerable.Empty<string>(),
        };
        return [.. texts.Select(text => text.Trim()).Where(text => text.Length > 0)];
    }

    private static void ReadPlaces(
        ref Utf8JsonReader reader,
        ReadOnlySpan<byte> json,
        int markBytes,
        ImmutableArray<InstancePlace>.Builder places,
        List<ImmutableArray<string>> outputs,
        Action<long, string> fault)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = reader.TokenStartIndex;
            var instance = JsonElement.ParseValue(ref reader);
            if (MessageOf(instance) is { } message)
            {
                fault(json[..(int)start].Count((byte)'\n') + 1, message);
            }
            else
            {
                places.Add(new InstancePlace(start + markBytes, (int)(reader.BytesConsumed - start)));
                outputs.Add(OutputsOf(instance.GetProperty("output")));
            }
        }
    }

    private static string? MessageOf(JsonElement instance)
    {
        if (instance.ValueKind != JsonValueKind.Object
            || !instance.TryGetProperty("input", out var input)
            || input.ValueKind != JsonValueKind.String
            || string.IsNullOrWhiteSpace(input.GetString()))
        {
            return "The instance has no input; expected an object with a text 'input' and a text or list 'output'.";
        }

        return instance.TryGetProperty("output", out var output) && OutputsOf(output).Length > 0
            ? null
            : "The instance has no output; expected an object with a text 'input' and a text or list 'output'.";
    }

    private static string DefinitionOf(JsonElement definition) => definition.ValueKind switch
    {
        JsonValueKind.String => definition.GetString()!.Trim(),
        JsonValueKind.Array when definition.GetArrayLength() > 0 && definition[0].ValueKind == JsonValueKind.String =>
            definition[0].GetString()!.Trim(),
        _ => "",
    };
}
