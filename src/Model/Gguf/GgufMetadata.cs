using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Orca.Model.Weights;

namespace Orca.Model.Gguf;

/// <summary>
/// The metadata of a GGUF file by key. Where each value lies is checked when the file is opened; values are read when asked
/// for, and one of another type than asked for is a fault of the file.
/// </summary>
internal sealed class GgufMetadata
{
    private const int MostKeyBytes = 65_535;
    private const int MostTextBytes = 1 << 28;

    private readonly Dictionary<string, Value> values = new(StringComparer.Ordinal);
    private readonly MappedFile file;
    private readonly string source;

    private GgufMetadata(MappedFile file, string source) => (this.file, this.source) = (file, source);

    /// <summary>Reads the keys, and passes over their values.</summary>
    /// <exception cref="ModelFormatException">They are malformed.</exception>
    public static GgufMetadata Read(GgufCursor cursor, int count, MappedFile file, string source)
    {
        var metadata = new GgufMetadata(file, source);
        for (var i = 0; i < count; i++)
        {
            var key = cursor.Text("a metadata key", MostKeyBytes);
            if (!metadata.values.TryAdd(key, ValueAt(cursor, key)))
            {
                throw cursor.Fault($"has the metadata key {GgufFile.Quoted(key)} twice");
            }
        }

        return metadata;
    }

    /// <summary>All keys.</summary>
    public IEnumerable<string> Keys => values.Keys;

    /// <summary>Whether there is a value of this key.</summary>
    public bool Contains(string key) => values.ContainsKey(key);

    /// <summary>Whether a key's value is yes or no.</summary>
    public bool IsFlag(string key) => values.TryGetValue(key, out var value) && value.Type == GgufType.Bool;

    /// <summary>Whether a key's value is a single number.</summary>
    public bool IsNumber(string key) => values.TryGetValue(key, out var value) && (IsInteger(value.Type) || IsReal(value.Type));

    /// <summary>A text; null where there is none.</summary>
    public string? Text(string key) => Find(key, "a text", value => value.Type == GgufType.Text)
        is { } found ? TextAt(found.Offset, out _) : null;

    /// <summary>A whole number of any width; null where there is none.</summary>
    public long? Integer(string key)
    {
        if (Find(key, "a whole number", value => IsInteger(value.Type)) is not { } found)
        {
            return null;
        }

        var number = IntegerAt(found.Type, found.Offset);
        return number <= long.MaxValue ? (long)number : throw Fault(key, "is larger than can be counted");
    }

    /// <summary>A number of any type; null where there is none.</summary>
    public double? Number(string key) => Find(key, "a number", value => IsInteger(value.Type) || IsReal(value.Type))
        is not { } found ? null
        : IsInteger(found.Type) ? (double)IntegerAt(found.Type, found.Offset)
        : RealAt(found.Type, found.Offset);

    /// <summary>Yes or no; null where there is none.</summary>
    public bool? Flag(string key) => Find(key, "yes or no", value => value.Type == GgufType.Bool)
        is { } found ? file.Slice(found.Offset, 1)[0] != 0 : null;

    /// <summary>A list of texts; null where there is none.</summary>
    public string[]? Texts(string key)
    {
        if (FindList(key, "texts", type => type == GgufType.Text) is not { } found)
        {
            return null;
        }

        var texts = new string[found.Count];
        var offset = found.Offset;
        for (var i = 0; i < texts.Length; i++)
        {
            texts[i] = TextAt(offset, out offset);
        }

        return texts;
    }

    /// <summary>A list of 32-bit floats; null where there is none.</summary>
    public float[]? Reals(string key) => FindList(key, "32-bit floats", type => type == GgufType.Float32) is { } found
        ? MemoryMarshal.Cast<byte, float>(file.Slice(found.Offset, found.Count * sizeof(float))).ToArray()
        : null;

    /// <summary>A list of 32-bit whole numbers; null where there is none.</summary>
    public int[]? Integers(string key) =>
        FindList(key, "32-bit whole numbers", type => type is GgufType.Int32 or GgufType.UInt32) is { } found
        ? MemoryMarshal.Cast<byte, int>(file.Slice(found.Offset, found.Count * sizeof(int))).ToArray()
        : null;

    /// <summary>A fault of a value.</summary>
    public ModelFormatException Fault(string key, string fault) => new($"{source}: {key} {fault}.");

    private static Value ValueAt(GgufCursor cursor, string key)
    {
        var type = TypeAt(cursor, key);
        if (type != GgufType.Array)
        {
            var at = cursor.Position;
            Skip(cursor, type, 1, key);
            return new Value(type, at, type, 1);
        }

        var element = TypeAt(cursor, key);
        if (element == GgufType.Array)
        {
            throw cursor.Fault($"has lists of lists at the metadata key {GgufFile.Quoted(key)}, which is not supported");
        }

        var count = cursor.Count($"values of {GgufFile.Quoted(key)}", element == GgufType.Text ? sizeof(ulong) : element.Bytes());
        var start = cursor.Position;
        Skip(cursor, element, count, key);
        return new Value(type, start, element, count);
    }

    private static GgufType TypeAt(GgufCursor cursor, string key)
    {
        var type = cursor.UInt32($"the type of {GgufFile.Quoted(key)}");
        return type <= (uint)GgufType.Float64
            ? (GgufType)type
            : throw cursor.Fault($"has the unknown type {type} at the metadata key {GgufFile.Quoted(key)}");
    }

    private static void Skip(GgufCursor cursor, GgufType type, int count, string key)
    {
        if (type != GgufType.Text)
        {
            cursor.Skip((long)type.Bytes() * count, GgufFile.Quoted(key));
            return;
        }

        for (var i = 0; i < count; i++)
        {
            var length = cursor.UInt64($"a text of {GgufFile.Quoted(key)}");
            cursor.Skip(length <= MostTextBytes ? (long)length : long.MaxValue, $"a text of {GgufFile.Quoted(key)}");
        }
    }

    private static bool IsInteger(GgufType type) => type.Bytes() > 0 && !IsReal(type) && type != GgufType.Bool;

    private static bool IsReal(GgufType type) => type is GgufType.Float32 or GgufType.Float64;

    private Int128 IntegerAt(GgufType type, long offset)
    {
        var bytes = file.Slice(offset, type.Bytes());
        return type switch
        {
            GgufType.UInt8 => bytes[0],
            GgufType.Int8 => (sbyte)bytes[0],
            GgufType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
            GgufType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(bytes),
            GgufType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
            GgufType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(bytes),
            GgufType.UInt64 => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
            _ => BinaryPrimitives.ReadInt64LittleEndian(bytes),
        };
    }

    private double RealAt(GgufType type, long offset)
    {
        var bytes = file.Slice(offset, type.Bytes());
        return type == GgufType.Float32 ? BinaryPrimitives.ReadSingleLittleEndian(bytes) : BinaryPrimitives.ReadDoubleLittleEndian(bytes);
    }

    private string TextAt(long offset, out long end)
    {
        var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file.Slice(offset, sizeof(ulong)));
        end = offset + sizeof(ulong) + length;
        return Encoding.UTF8.GetString(file.Slice(offset + sizeof(ulong), length));
    }

    private Value? Find(string key, string wanted, Predicate<Value> suits) =>
        !values.TryGetValue(key, out var value) ? null
        : suits(value) ? value
        : throw Fault(
            key, $"is {(value.Type == GgufType.Array ? $"a list of {value.Element}" : value.Type.ToString())}; it must be {wanted}");

    private Value? FindList(string key, string wanted, Predicate<GgufType> suits) =>
        Find(key, $"a list of {wanted}", value => value.Type == GgufType.Array && suits(value.Element));

    /// <summary>Where a value lies: one of <see cref="Type"/>, or <see cref="Count"/> of <see cref="Element"/>.</summary>
    private sealed record Value(GgufType Type, long Offset, GgufType Element, int Count);
}
