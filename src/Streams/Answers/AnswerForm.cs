using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Orca.Streams.Answers;

/// <summary>What a question's own text tells of its answer, for sources that do not say.</summary>
public static partial class AnswerForm
{
    // Longer ones are explanations: nobody says them again word by word.
    private const int MostOfShort = 80;
    private const int WordsOfShort = 6;

    // A task of at least so many questions for each different answer has labels.
    private const int QuestionsOfALabel = 5;
    private const double MostAre = 0.9;

    /// <summary>How an answer is compared, by the forms of its gold answers and by the options the question lists.</summary>
    /// <param name="prompt">The question.</param>
    /// <param name="golds">Its gold answers, of which any is right; none makes it free text.</param>
    public static AnswerKind KindOf(string prompt, ImmutableArray<string> golds) =>
        golds.IsEmpty ? AnswerKind.FreeText
        : IsAmongOthers(golds, prompt) ? AnswerKind.MultipleChoice
        : All(golds, YesNoAnswer.Is) ? AnswerKind.YesNo
        : All(golds, LetterAlone().IsMatch) ? AnswerKind.MultipleChoice
        : All(golds, Number().IsMatch) ? AnswerKind.Number
        : All(golds, gold => ListAnswer.Is(gold, prompt)) ? AnswerKind.List
        : All(golds, IsFewWords) ? AnswerKind.ShortText
        : AnswerKind.FreeText;

    /// <summary>One in the number of options listed, one half for yes or no, null where nothing is offered.</summary>
    public static double? ChanceOf(string prompt, string gold)
    {
        var options = OptionList.Of(prompt).Length;
        return options > 1 ? 1.0 / options : gold is "yes" or "no" ? 0.5 : null;
    }

    /// <summary>
    /// How the answers of a task of many questions are compared: as labels where the same come again and again, as free text where
    /// they are sentences; null where each question's own tell. Of a task whose answers are sentences, those that happen to be short
    /// are examples like the others.
    /// </summary>
    /// <param name="definition">What the task asks for.</param>
    /// <param name="golds">The gold answers of its questions.</param>
    public static AnswerKind? KindOfTask(string definition, IReadOnlyCollection<ImmutableArray<string>> golds)
    {
        if (AnythingElse().IsMatch(definition))
        {
            return AnswerKind.FreeText;
        }

        var all = golds.SelectMany(answers => answers).ToList();
        var labels = all.Where(gold => IsShort(gold) && !gold.EndsWith('?')).Select(AnswerMatch.Fold).Distinct().ToImmutableArray();
        if (labels.Length * QuestionsOfALabel <= all.Count && all.TrueForAll(gold => IsShort(gold) && !gold.EndsWith('?')))
        {
            return All(labels, YesNoAnswer.Is) ? AnswerKind.YesNo
                : All(labels, label => LetterAlone().IsMatch(label.ToUpperInvariant())) ? AnswerKind.MultipleChoice
                : All(labels, Number().IsMatch) ? AnswerKind.Number
                : AnswerKind.ShortText;
        }

        return all.Count(gold => IsFewWords(gold) || ListAnswer.Is(gold, definition)) < all.Count * MostAre ? AnswerKind.FreeText : null;
    }

    private static bool All(ImmutableArray<string> golds, Func<string, bool> has) => golds.All(has);

    private static bool IsShort(string gold) => gold.Length <= MostOfShort && !gold.Contains('\n', StringComparison.Ordinal);

    private static bool IsFewWords(string gold) => IsShort(gold) && !gold.EndsWith('?')
        && gold.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length <= WordsOfShort;

    // Among options that are more than yes and no.
    private static bool IsAmongOthers(ImmutableArray<string> golds, string prompt)
    {
        var options = OptionList.Of(prompt).Select(option => AnswerMatch.Fold(option.Text)).ToHashSet();
        return options.Count > 1 && golds.All(gold => options.Contains(AnswerMatch.Fold(gold))) && !options.All(YesNoAnswer.Is);
    }

    [GeneratedRegex(@"^\(?[A-Z]\)?\.?$")]
    private static partial Regex LetterAlone();

    [GeneratedRegex(@"^[-−+]?\$?[-−]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:\s?/\s?\d+(?:\.\d+)?)?\s?%?$(?<=\d\s?%?)")]
    private static partial Regex Number();

    // Where anything but one answer is right, none is gold.
    [GeneratedRegex(@"\b(?:incorrect|implausible|wrong) (?:\w+ )?(?:answer|tag|fact|statement|POS tag)|\*\*incorrect\*\*", RegexOptions.IgnoreCase)]
    private static partial Regex AnythingElse();
}
