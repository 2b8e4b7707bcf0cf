using System.Collections.Immutable;
using System.Text;

namespace Orca.Serving.Sampling.Json;

/// <summary>The properties that an object names. They are written in this order; those not required may be left out.</summary>
internal sealed class JsonProperties
{
    private readonly ImmutableArray<JsonProperty> properties;

    // For each place the last property that may come next: a required one cannot be passed over.
    private readonly int[] lastFrom;
    private int[] depths;

    public JsonProperties(ImmutableArray<JsonProperty> properties)
    {
        this.properties = properties;
        depths = new int[properties.Length];
        Names = new ByteTrie(properties.Select(property => Encoding.UTF8.GetBytes(JsonLiteral.Of(property.Name))[1..]));
        lastFrom = new int[properties.Length + 1];
        lastFrom[properties.Length] = properties.Length - 1;
        for (var i = properties.Length - 1; i >= 0; i--)
        {
            lastFrom[i] = properties[i].IsRequired ? i : lastFrom[i + 1];
        }
    }

    /// <summary>
    /// The names as JSON in UTF-8, with their closing but without their opening quotation marks; indexed as the properties are.
    /// </summary>
    public ByteTrie Names { get; }

    /// <summary>How many there are.</summary>
    public int Count => properties.Length;

    /// <summary>All of them.</summary>
    public ImmutableArray<JsonProperty> All => properties;

    /// <summary>Bytes that they take, about: names are kept as text, and byte by byte.</summary>
    public long Bytes => 128 + Names.Weight + properties.Sum(property => 64 + (sizeof(char) * (long)property.Name.Length));

    /// <summary>Tells how deep each one's value is at least.</summary>
    public void SetDepths(Func<int, int> depthOf) => depths = [.. properties.Select(property => depthOf(property.Value))];

    /// <summary>Whether one of them may come next, where all before <paramref name="next"/> are done.</summary>
    /// <param name="next">The first that is not done.</param>
    /// <param name="room">Objects and arrays that may be opened within each other.</param>
    public bool MayFollow(int next, int room)
    {
        for (var i = next; i <= lastFrom[next]; i++)
        {
            if (depths[i] <= room)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a position in the tree of names can become the name of one that may come next.</summary>
    public bool CanBecome(int at, int next, int room)
    {
        foreach (var index in Names.IndicesAt(at))
        {
            if (index >= next && index <= lastFrom[next] && depths[index] <= room)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the object may end, where all before <paramref name="next"/> are done.</summary>
    public bool MayEnd(int next) => lastFrom[next] < 0 || next > lastFrom[next] || !properties[lastFrom[next]].IsRequired;
}

/// <summary>A property of an object.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Number of its value's shape.</param>
/// <param name="IsRequired">Whether it must be there.</param>
internal readonly record struct JsonProperty(string Name, int Value, bool IsRequired);
