using System.Globalization;
using System.Text.RegularExpressions;

namespace Orca.Streams.Answers;

/// <summary>What a question's own text tells of its answer, for sources that do not say.</summary>
internal static partial class AnswerForm
{
    // Longer ones are explanations: nobody says them again word by word.
    private const int MostOfShort = 80;

    /// <summary>Whether an answer is one that can be compared, not a text of its own.</summary>
    public static bool IsShort(string gold) => gold.Length <= MostOfShort && !gold.Contains('\n', StringComparison.Ordinal);

    /// <summary>Number, lettered option or short fixed form, by the gold answer's own form.</summary>
    public static AnswerKind KindOf(string gold) =>
        LetterAlone().IsMatch(gold) ? AnswerKind.MultipleChoice : IsNumber(gold) ? AnswerKind.Number : AnswerKind.Exact;

    /// <summary>One in the number of options listed, one half for yes or no, null where nothing is offered.</summary>
    public static double? ChanceOf(string prompt, string gold)
    {
        var options = OptionList.Of(prompt).Length;
        return options > 1 ? 1.0 / options : gold is "yes" or "no" ? 0.5 : null;
    }

    private static bool IsNumber(string gold) =>
        double.TryParse(gold.TrimStart('$'), NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out _);

    [GeneratedRegex(@"^\(?[A-Z]\)?$")]
    private static partial Regex LetterAlone();
}
