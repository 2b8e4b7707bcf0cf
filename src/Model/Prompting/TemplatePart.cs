namespace Orca.Model.Prompting;

/// <summary>What a part of a prompt template is.</summary>
public enum TemplatePartKind
{
    /// <summary>A special token by its name, inserted as an id.</summary>
    Special,

    /// <summary>Text that is always the same.</summary>
    Text,

    /// <summary>Where the message goes.</summary>
    Message,
}

/// <summary>One part of a section of a prompt template.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Value">The special token's name, or the text; empty for the message.</param>
public sealed record TemplatePart(TemplatePartKind Kind, string Value)
{
    /// <summary>Where the message goes.</summary>
    public static TemplatePart Message { get; } = new(TemplatePartKind.Message, "");

    /// <summary>A special token.</summary>
    public static TemplatePart Special(string piece) => new(TemplatePartKind.Special, piece);

    /// <summary>Text that is always the same.</summary>
    public static TemplatePart Text(string text) => new(TemplatePartKind.Text, text);
}
