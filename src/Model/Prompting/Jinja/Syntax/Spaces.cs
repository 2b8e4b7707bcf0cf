namespace Orca.Model.Prompting.Jinja.Syntax;

/// <summary>The characters that Python takes for white space.</summary>
internal static class Spaces
{
    /// <summary>All of them.</summary>
    public const string All =
        "\t\n\v\f\r\u001c\u001d\u001e\u001f \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
        + "\u2028\u2029\u202f\u205f\u3000";

    /// <summary>Those that end a line.</summary>
    public const string LineEnds = "\n\r\v\f\u001c\u001d\u001e\u0085\u2028\u2029";

    /// <summary>Whether a character is one.</summary>
    public static bool Contains(char unit) => All.Contains(unit, StringComparison.Ordinal);
}
