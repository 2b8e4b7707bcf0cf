using System.Diagnostics.CodeAnalysis;

namespace Orca.Model.Prompting.Jinja.Values;

/// <summary>Keys and their values, in the order in which the keys came first; a key given again has its last value.</summary>
internal sealed class DictionaryValue : JinjaValue
{
    private readonly List<KeyValuePair<JinjaValue, JinjaValue>> entries = [];
    private readonly Dictionary<JinjaValue, int> places = new(ValueComparison.OfKeys);

    /// <exception cref="JinjaException">A key is of a kind that cannot be one.</exception>
    public DictionaryValue(IEnumerable<KeyValuePair<JinjaValue, JinjaValue>> given)
    {
        foreach (var (key, value) in given)
        {
            if (places.TryGetValue(key, out var place))
            {
                entries[place] = new(entries[place].Key, value);
            }
            else
            {
                places.Add(key, entries.Count);
                entries.Add(new(key, value));
            }
        }
    }

    public override string TypeName => "dict";

    public override bool IsTrue => entries.Count > 0;

    public IReadOnlyList<KeyValuePair<JinjaValue, JinjaValue>> Entries => entries;

    /// <summary>The value of a key.</summary>
    /// <exception cref="JinjaException">It is of a kind that cannot be a key.</exception>
    public bool TryGet(JinjaValue key, [NotNullWhen(true)] out JinjaValue? value)
    {
        var found = places.TryGetValue(key, out var place);
        value = found ? entries[place].Value : null;
        return found;
    }

    /// <summary>The value of a name.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out JinjaValue? value) => TryGet(new TextValue(name), out value);
}
