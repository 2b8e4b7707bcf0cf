using System.Text.RegularExpressions;

namespace Orca.Streams.Answers;

/// <summary>Turns the mathematical mark-up of responses into plain words, a boxed result into a stated answer.</summary>
internal static partial class Markup
{
    public static string Plain(string text)
    {
        if (!text.Contains('\\'))
        {
            return text;
        }

        text = Fraction().Replace(text, "${n}/${d}");
        text = Wrapper().Replace(text, "${t}");
        text = Box().Replace(text, "the answer is ${t}\n");
        text = text.Replace("\\$", "$", StringComparison.Ordinal).Replace("\\%", "%", StringComparison.Ordinal);
        return Space().Replace(text, "");
    }

    [GeneratedRegex(@"\\[dt]?frac\{(?<n>[^{}]*)\}\{(?<d>[^{}]*)\}")]
    private static partial Regex Fraction();

    [GeneratedRegex(@"\\(?:text|mathrm|mathbf|textbf)\{(?<t>[^{}]*)\}")]
    private static partial Regex Wrapper();

    [GeneratedRegex(@"\$?\\boxed\{(?<t>[^{}]*)\}\$?")]
    private static partial Regex Box();

    [GeneratedRegex(@"\\[,!;()\[\]]")]
    private static partial Regex Space();
}
