using System.Numerics;

namespace Orca.Model.Prompting.Jinja.Values;

/// <summary>A value of a template, with the meaning it has in Python. Immutable, but for <see cref="NamespaceValue"/>.</summary>
internal abstract class JinjaValue
{
    /// <summary>Python's name of its type, for error texts.</summary>
    public abstract string TypeName { get; }

    /// <summary>Whether it counts as true in a condition.</summary>
    public abstract bool IsTrue { get; }
}

/// <summary>A variable, attribute or element that is not there: it prints nothing, and has nothing in it.</summary>
/// <param name="fault">What is said where more is wanted of it.</param>
internal sealed class UndefinedValue(string fault) : JinjaValue
{
    public override string TypeName => "Undefined";

    public override bool IsTrue => false;

    /// <summary>The error of using it.</summary>
    public JinjaException Fault() => new(fault);
}

/// <summary>Nothing, said explicitly.</summary>
internal sealed class NoneValue : JinjaValue
{
    public static NoneValue Instance { get; } = new();

    public override string TypeName => "NoneType";

    public override bool IsTrue => false;
}

/// <summary>True or false; a number too, as in Python.</summary>
internal sealed class BooleanValue : JinjaValue
{
    private BooleanValue(bool value) => IsTrue = value;

    public static BooleanValue True { get; } = new(true);

    public static BooleanValue False { get; } = new(false);

    public override string TypeName => "bool";

    public override bool IsTrue { get; }

    public static BooleanValue Of(bool value) => value ? True : False;
}

/// <summary>A whole number of any size.</summary>
internal sealed class IntegerValue(BigInteger value) : JinjaValue
{
    public override string TypeName => "int";

    public override bool IsTrue => !Value.IsZero;

    public BigInteger Value { get; } = value;
}

/// <summary>A floating-point number.</summary>
internal sealed class FloatValue(double value) : JinjaValue
{
    public override string TypeName => "float";

    public override bool IsTrue => Value != 0;

    public double Value { get; } = value;
}

/// <summary>A text.</summary>
internal sealed class TextValue(TemplateText text) : JinjaValue
{
    /// <summary>A text of the template's own.</summary>
    public TextValue(string value) : this(TemplateText.OfTemplate(value))
    {
    }

    public override string TypeName => "str";

    public override bool IsTrue => Text.Value.Length > 0;

    public TemplateText Text { get; } = text;

    public string Value => Text.Value;
}

/// <summary>A list, or a tuple, which differs in how it prints.</summary>
internal sealed class ListValue(IReadOnlyList<JinjaValue> items, bool isTuple = false) : JinjaValue
{
    public override string TypeName => IsTuple ? "tuple" : "list";

    public override bool IsTrue => Items.Count > 0;

    public IReadOnlyList<JinjaValue> Items { get; } = items;

    public bool IsTuple { get; } = isTuple;
}

/// <summary>Variables that a template may set from within its loops.</summary>
internal sealed class NamespaceValue : JinjaValue
{
    public override string TypeName => "Namespace";

    public override bool IsTrue => true;

    public Dictionary<string, JinjaValue> Variables { get; } = new(StringComparer.Ordinal);
}
