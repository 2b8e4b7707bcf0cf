namespace Orca.Streams.Storage;

/// <summary>A value of a column, as SQLite keeps it: NULL, an integer, a real number, a text or bytes.</summary>
internal readonly struct SqliteValue
{
    private SqliteValue(object? reference, long integer = 0, double real = 0) => (Reference, Integer, Real) = (reference, integer, real);

    private static readonly object IsInteger = new();
    private static readonly object IsReal = new();

    /// <summary>The text or bytes; null where it is neither.</summary>
    public object? Reference { get; }

    public long Integer { get; }

    public double Real { get; }

    public bool HoldsInteger => Reference == IsInteger;

    public bool HoldsReal => Reference == IsReal;

    public static implicit operator SqliteValue(string? text) => new(text);

    public static implicit operator SqliteValue(byte[]? bytes) => new(bytes);

    public static implicit operator SqliteValue(long integer) => new(IsInteger, integer);

    public static implicit operator SqliteValue(int integer) => (long)integer;

    public static implicit operator SqliteValue(long? integer) => integer is { } value ? value : default(SqliteValue);

    public static implicit operator SqliteValue(int? integer) => integer is { } value ? (long)value : default(SqliteValue);

    public static implicit operator SqliteValue(double real) => new(IsReal, real: real);

    public static implicit operator SqliteValue(double? real) => real is { } value ? value : default(SqliteValue);
}
