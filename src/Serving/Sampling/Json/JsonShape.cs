using System.Collections.Immutable;

namespace Orca.Serving.Sampling.Json;

/// <summary>What one value may be.</summary>
internal sealed record JsonShape
{
    /// <summary>Any JSON value.</summary>
    public static JsonShape Any { get; } = new() { Kinds = JsonKinds.Any };

    /// <summary>Any JSON object.</summary>
    public static JsonShape AnyObject { get; } = new() { Kinds = JsonKinds.Object };

    /// <summary>Its kinds; not looked at where <see cref="Literals"/> are given.</summary>
    public required JsonKinds Kinds { get; init; }

    /// <summary>The only values it may be, each as compact JSON in UTF-8; null: any of its kinds.</summary>
    public ByteTrie? Literals { get; init; }

    /// <summary>An object's properties, in the order they are written; null: any.</summary>
    public JsonProperties? Properties { get; init; }

    /// <summary>An array's elements; null: any.</summary>
    public JsonShape? Items { get; init; }

    /// <summary>Elements of an array.</summary>
    public (int Least, int Most) ItemCount { get; init; } = (0, int.MaxValue);

    /// <summary>Characters of a string: Unicode code points.</summary>
    public (int Least, int Most) Length { get; init; } = (0, int.MaxValue);
}

/// <summary>The properties of an object. They are written in this order; those not required may be left out.</summary>
internal sealed class JsonProperties
{
    private readonly ImmutableArray<(JsonShape Value, bool IsRequired)> properties;

    /// <param name="properties">Each name in UTF-8 as JSON, with its closing but without its opening quotation mark.</param>
    public JsonProperties(ImmutableArray<(byte[] Name, JsonShape Value, bool IsRequired)> properties)
    {
        this.properties = [.. properties.Select(property => (property.Value, property.IsRequired))];
        Names = new ByteTrie(properties.Select(property => property.Name));
    }

    /// <summary>The names, indexed as the properties are.</summary>
    public ByteTrie Names { get; }

    /// <summary>How many there are.</summary>
    public int Count => properties.Length;

    /// <summary>What a property may be.</summary>
    public JsonShape this[int index] => properties[index].Value;

    /// <summary>The last property that may come next, where all before <paramref name="next"/> are done: a required one cannot be passed over.</summary>
    public int LastFrom(int next)
    {
        for (var i = next; i < properties.Length; i++)
        {
            if (properties[i].IsRequired)
            {
                return i;
            }
        }

        return properties.Length - 1;
    }

    /// <summary>Whether the object may end, where all before <paramref name="next"/> are done.</summary>
    public bool MayEnd(int next)
    {
        for (var i = next; i < properties.Length; i++)
        {
            if (properties[i].IsRequired)
            {
                return false;
            }
        }

        return true;
    }
}
