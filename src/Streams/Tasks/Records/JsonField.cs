using System.IO.Hashing;
using System.Text.Json;

namespace Orca.Streams.Tasks.Records;

/// <summary>Where the value of a record's field lies, quotation marks and brackets included.</summary>
/// <param name="Name">A hash of its name.</param>
/// <param name="Start">Its first byte in the record.</param>
/// <param name="Length">Its length in bytes.</param>
internal readonly record struct JsonField(ulong Name, int Start, int Length)
{
    /// <summary>The value's bytes.</summary>
    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> record) => record.Slice(Start, Length);

    /// <summary>A hash of a field's name.</summary>
    public static ulong HashOf(ReadOnlySpan<byte> name) => XxHash3.HashToUInt64(name);

    /// <summary>Goes over a record's fields.</summary>
    /// <param name="record">The record.</param>
    /// <param name="fields">Takes the place of every field.</param>
    /// <param name="key">
    /// A hash of the fields' names in order, and of which sort each value is: of an empty text another than of a text.
    /// </param>
    /// <returns>Whether it is JSON: else fields and key mean nothing.</returns>
    public static bool ReadAll(ReadOnlySpan<byte> record, List<JsonField> fields, out ulong key)
    {
        fields.Clear();
        key = 0;
        var reader = new Utf8JsonReader(record);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                key = (ulong)reader.TokenType;
                reader.Skip();
                return !reader.Read();
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = HashOf(reader.ValueSpan);
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                var sort = SortOf(ref reader);
                fields.Add(new JsonField(name, start, (int)reader.BytesConsumed - start));
                key = (key * 0x9E3779B97F4A7C15) + (name ^ sort);
            }

            // Whatever follows the object is no JSON, and throws.
            return !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static ulong SortOf(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return reader.ValueSpan.TrimStart(" \t"u8).IsEmpty ? 1UL
                    : reader.ValueIsEscaped && reader.ValueSpan.Length < 64 && string.IsNullOrWhiteSpace(reader.GetString()) ? 1UL
                    : 2;
            case JsonTokenType.StartArray or JsonTokenType.StartObject:
                var start = reader.TokenStartIndex;
                var isList = reader.TokenType == JsonTokenType.StartArray;
                reader.Skip();
                return (isList ? 3UL : 4) + (reader.BytesConsumed - start > 2 ? 2UL : 0);
            default:
                return 16 + (ulong)reader.TokenType;
        }
    }
}
