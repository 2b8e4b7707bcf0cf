namespace Orca.Model.Prompting.Jinja.Values;

/// <summary>The variable <c>loop</c>: where a loop is.</summary>
/// <param name="items">What it goes over.</param>
internal sealed class LoopValue(IReadOnlyList<JinjaValue> items) : JinjaValue
{
    private IReadOnlyList<JinjaValue>? last;

    public override string TypeName => "LoopContext";

    public override bool IsTrue => true;

    /// <summary>Which item it is at, from 0.</summary>
    public int Index { get; set; }

    /// <summary>One of its members, methods aside; null where it has none of this name.</summary>
    public JinjaValue? Member(string name) => name switch
    {
        "index" => new IntegerValue(Index + 1),
        "index0" => new IntegerValue(Index),
        "revindex" => new IntegerValue(items.Count - Index),
        "revindex0" => new IntegerValue(items.Count - Index - 1),
        "first" => BooleanValue.Of(Index == 0),
        "last" => BooleanValue.Of(Index == items.Count - 1),
        "length" => new IntegerValue(items.Count),
        // How deep a recursive loop is, which none is here.
        "depth" => new IntegerValue(1),
        "depth0" => new IntegerValue(0),
        "previtem" => Index > 0 ? items[Index - 1] : new UndefinedValue("there is no previous item"),
        "nextitem" => Index + 1 < items.Count ? items[Index + 1] : new UndefinedValue("there is no next item"),
        _ => null,
    };

    /// <summary>Whether these values are others than when it was asked last.</summary>
    public bool Changed(IReadOnlyList<JinjaValue> values)
    {
        var same = last is not null
            && last.Count == values.Count
            && last.Zip(values).All(pair => ValueComparison.AreEqual(pair.First, pair.Second));
        last = values;
        return !same;
    }
}
