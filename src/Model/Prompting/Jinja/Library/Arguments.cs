using Orca.Model.Prompting.Jinja.Values;

namespace Orca.Model.Prompting.Jinja.Library;

/// <summary>Arguments as what a function needs them to be.</summary>
internal static class Arguments
{
    /// <summary>A whole number that fits into 32 bits; what lies beyond becomes the nearest.</summary>
    /// <exception cref="JinjaException">It is none.</exception>
    public static int Whole(JinjaValue? value, string callee, int initial) => value is null
        ? initial
        : ValueComparison.WholeNumber(value) is { } number
            ? number > int.MaxValue ? int.MaxValue : number < -int.MaxValue ? -int.MaxValue : (int)number
            : throw new JinjaException($"'{callee}' needs a whole number, not a value of type '{value.TypeName}'");

    /// <summary>A text.</summary>
    /// <exception cref="JinjaException">It is none.</exception>
    public static TemplateText Text(JinjaValue? value, string callee) => value is TextValue text
        ? text.Text
        : throw new JinjaException($"'{callee}' needs a text, not a value of type '{value?.TypeName}'");

    /// <summary>A text; null where it is not given, or None.</summary>
    /// <exception cref="JinjaException">It is something else.</exception>
    public static string? OptionalText(JinjaValue? value, string callee) => value is null or NoneValue ? null : Text(value, callee).Value;

    /// <summary>Whether it is given and true.</summary>
    public static bool Flag(JinjaValue? value, bool initial = false) => value?.IsTrue ?? initial;
}
