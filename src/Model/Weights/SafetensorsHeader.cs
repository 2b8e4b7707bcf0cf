using System.Collections.Immutable;
using System.Text.Json;

namespace Orca.Model.Weights;

/// <summary>One tensor of a safetensors file, as its header states it. Offsets count from the end of the header.</summary>
internal sealed record TensorEntry(string Name, WeightType Type, ImmutableArray<long> Shape, long Begin, long End)
{
    public long Bytes => End - Begin;
}

/// <summary>
/// Reads and checks a safetensors header: every tensor lies within the file, has the bytes its dtype and shape need, and
/// together they cover the data without hole or overlap. Nothing else of the reader trusts a number from a file.
/// </summary>
internal static class SafetensorsHeader
{
    /// <summary>Largest header, as the format sets it.</summary>
    public const long MaxBytes = 100_000_000;

    private const int MaxRank = 64;

    /// <summary>Reads the JSON of a header.</summary>
    /// <param name="json">The header's bytes, trailing spaces included.</param>
    /// <param name="dataBytes">Bytes that follow the header.</param>
    /// <param name="source">What messages call the file.</param>
    public static ImmutableArray<TensorEntry> Parse(ReadOnlySpan<byte> json, long dataBytes, string source)
    {
        List<TensorEntry> entries;
        try
        {
            entries = Entries(json, source);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The reader reports text that is not UTF-8 as an invalid operation.
            throw new ModelFormatException($"{source}: the header is not valid JSON: {e.Message.ReplaceLineEndings(" ")}", e);
        }

        CheckCover(entries, dataBytes, source);
        return [.. entries];
    }

    private static List<TensorEntry> Entries(ReadOnlySpan<byte> json, string source)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 8 });
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new ModelFormatException($"{source}: the header is a JSON {reader.TokenType}; it must be an object.");
        }

        var entries = new List<TensorEntry>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            if (!names.Add(name))
            {
                throw new ModelFormatException($"{source}: {Quoted(name)} is in the header twice; a name may stand there once.");
            }

            reader.Read();
            if (name == "__metadata__")
            {
                reader.Skip();
            }
            else
            {
                entries.Add(Entry(ref reader, name, source));
            }
        }

        // Only white space may follow; anything else is a JSON fault.
        while (reader.Read())
        {
        }

        return entries;
    }

    private static TensorEntry Entry(ref Utf8JsonReader reader, string name, string source)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw Fault(source, name, $"is a JSON {reader.TokenType}; it must be an object");
        }

        string? type = null;
        long[]? shape = null, offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString();
            reader.Read();
            switch (key)
            {
                case "dtype" when type is null && reader.TokenType == JsonTokenType.String:
                    type = reader.GetString();
                    break;
                case "shape" when shape is null:
                    shape = Numbers(ref reader, name, "shape", source);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = Numbers(ref reader, name, "data_offsets", source);
                    break;
                default:
                    throw Fault(
                        source, name, $"has {Quoted(key!)} twice or of no use; it must have dtype, shape and data_offsets once each");
            }
        }

        if (type is null || shape is null || offsets is not [var begin, var end])
        {
            throw Fault(source, name, "lacks its dtype, its shape or its two data_offsets");
        }

        var known = WeightType.Find(type) ?? throw Fault(source, name, $"has dtype {Quoted(type)}; it must be one of {WeightType.Known}");
        CheckBytes(name, known, shape, begin, end, source);
        return new TensorEntry(name, known, [.. shape], begin, end);
    }

    private static long[] Numbers(ref Utf8JsonReader reader, string name, string key, string source)
    {
        var numbers = new List<long>();
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.Number
                && reader.TryGetInt64(out var number) && number >= 0 && numbers.Count < MaxRank)
            {
                numbers.Add(number);
            }
        }

        return reader.TokenType == JsonTokenType.EndArray
            ? [.. numbers]
            : throw Fault(source, name, $"has a {key} that is no list of at most {MaxRank} whole numbers from 0 up");
    }

    private static void CheckBytes(string name, WeightType type, long[] shape, long begin, long end, string source)
    {
        long wanted;
        try
        {
            // As the format's own reader does, every product is checked, even where a later size is 0.
            wanted = checked(shape.Aggregate(1L, (product, size) => checked(product * size)) * type.Bytes);
        }
        catch (OverflowException e)
        {
            throw new ModelFormatException(
                $"{source}: tensor {Quoted(name)} of shape {Listed(shape)} has more values than can be counted.", e);
        }

        if (begin > end || end - begin != wanted)
        {
            throw Fault(source, name, $"of {type.Name} {Listed(shape)} lies at [{begin}, {end}]; it needs {wanted} bytes");
        }
    }

    private static void CheckCover(List<TensorEntry> entries, long dataBytes, string source)
    {
        var covered = 0L;
        foreach (var entry in entries.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End))
        {
            if (entry.End > dataBytes)
            {
                throw Fault(source, entry.Name, $"ends at byte {entry.End} of the data; the file holds {dataBytes}: it may be truncated");
            }

            if (entry.Begin != covered)
            {
                throw Fault(source, entry.Name, entry.Begin < covered
                    ? $"begins at byte {entry.Begin} of the data, inside of another tensor, which ends at {covered}"
                    : $"begins at byte {entry.Begin} of the data, and nothing lies between {covered} and there");
            }

            covered = entry.End;
        }

        if (covered != dataBytes)
        {
            throw new ModelFormatException($"{source}: the tensors end at byte {covered} of the data; the file holds {dataBytes}.");
        }
    }

    private static ModelFormatException Fault(string source, string name, string fault) =>
        new(FormattableString.Invariant($"{source}: tensor {Quoted(name)} {fault}."));

    // Names come from the file: kept short and on one line.
    private static string Quoted(string name)
    {
        var shown = name.Length <= 120 ? name : name[..120] + "…";
        return "'" + string.Concat(shown.Select(letter => char.IsControl(letter) ? '?' : letter)) + "'";
    }

    private static string Listed(IReadOnlyList<long> shape) => $"[{string.Join(", ", shape)}]";
}
