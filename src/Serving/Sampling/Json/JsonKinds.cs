namespace Orca.Serving.Sampling.Json;

/// <summary>Kinds of JSON values. Each is told by a value's first byte, except that an integer is a number.</summary>
[Flags]
internal enum JsonKinds
{
    None = 0,
    Object = 1,
    Array = 2,
    String = 4,
    Number = 8,
    Integer = 16,
    Boolean = 32,
    Null = 64,
    Any = Object | Array | String | Number | Boolean | Null,
}
