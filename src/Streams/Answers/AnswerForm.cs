using System.Globalization;
using System.Text.RegularExpressions;

namespace Orca.Streams.Answers;

/// <summary>What a question's own text tells of its answer, for sources that do not say.</summary>
internal static partial class AnswerForm
{
    /// <summary>Number, lettered option or short fixed form, by the gold answer's own form.</summary>
    public static AnswerKind KindOf(string gold) =>
        LetterAlone().IsMatch(gold) ? AnswerKind.MultipleChoice : IsNumber(gold) ? AnswerKind.Number : AnswerKind.Exact;

    /// <summary>One in the number of options listed, one half for yes or no, null where nothing is offered.</summary>
    public static double? ChanceOf(string prompt, string gold)
    {
        var options = OptionsIn(prompt);
        return options > 1 ? 1.0 / options : gold is "yes" or "no" ? 0.5 : null;
    }

    // The lines after "Options:", as FLAN writes them: "(A) …" or "- …".
    private static int OptionsIn(string prompt)
    {
        const string Heading = "\nOptions:\n";
        var heading = prompt.IndexOf(Heading, StringComparison.Ordinal);
        var count = 0;
        if (heading >= 0)
        {
            foreach (var line in prompt.AsSpan(heading + Heading.Length).EnumerateLines())
            {
                count += line.StartsWith("- ") || (line.Length > 2 && line[0] == '(' && line[2] == ')') ? 1 : 0;
            }
        }

        return count;
    }

    private static bool IsNumber(string gold) =>
        double.TryParse(gold.TrimStart('$'), NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out _);

    [GeneratedRegex(@"^\(?[A-Z]\)?$")]
    private static partial Regex LetterAlone();
}
