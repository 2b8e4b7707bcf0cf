namespace Orca.Cli.Configuration;

/// <summary>Describes one setting: what it means, its unit and what it may be. The default is the property's own initial value.</summary>
/// <param name="meaning">What the setting decides, one sentence.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SettingAttribute(string meaning) : Attribute
{
    /// <summary>What the setting decides.</summary>
    public string Meaning { get; } = meaning;

    /// <summary>Unit of a quantity, such as <c>tokens</c> or <c>seconds</c>; empty where it has none.</summary>
    public string Unit { get; init; } = "";

    /// <summary>Smallest value that a number may have.</summary>
    public double Minimum { get; init; } = double.NegativeInfinity;

    /// <summary>Largest value that a number may have.</summary>
    public double Maximum { get; init; } = double.PositiveInfinity;

    /// <summary>The words that a text may be; empty where any text will do.</summary>
    public string[] OneOf { get; init; } = [];

    /// <summary>Whether a list may be given without any item.</summary>
    public bool MayBeEmpty { get; init; }
}
