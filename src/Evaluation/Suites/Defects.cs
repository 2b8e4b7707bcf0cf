using System.Collections.Immutable;
using Orca.Streams.Answers;

namespace Orca.Evaluation.Suites;

/// <summary>
/// Finds what is wrong with published questions, by rules that hold for every benchmark of their form. Found in the files that are about:
/// two pairs of <c>causal_judgement</c> with two answers, golds of <c>movie_recommendation</c> and <c>ruin_names</c> that are no option,
/// a question of <c>sat-en</c> twice with two answers, options of <c>logiqa-en</c> lettered A, C, B, D.
/// </summary>
internal static class Defects
{
    /// <summary>The task with each faulty item marked.</summary>
    public static EvaluationTask Mark(EvaluationTask task)
    {
        var golds = task.Items.GroupBy(item => item.Text).ToDictionary(same => same.Key, same => same.ToImmutableArray());
        return task with { Items = [.. task.Items.Select(item => item with { Defect = Of(item, golds[item.Text]) })] };
    }

    private static Defect? Of(EvaluationItem item, ImmutableArray<EvaluationItem> same)
    {
        var answers = same.GroupBy(one => string.Join('\n', one.Gold)).Select(group => group.Count()).ToArray();
        if (answers.Length > 1)
        {
            return new Defect("the same question is there with another answer", 1 - ((double)answers.Max() / same.Length));
        }

        if (item.Kind != AnswerKind.MultipleChoice || item.Gold.IsEmpty)
        {
            return null;
        }

        var letters = item.Options.Select(option => option.Letter).ToArray();
        var gold = item.Gold[0].Trim('(', ')', ' ');
        return gold.Length != 1 || !letters.Contains(gold[0]) ? new Defect("the answer is none of the options", 1)
            : item.Options.GroupBy(option => AnswerMatch.Fold(option.Text)).Any(group => group.Count() > 1)
                ? new Defect("two options are the same", 0)
            : letters.Where((letter, place) => letter != 'A' + place).Any()
                ? new Defect("the options' letters are out of order", 0)
            : item.Choices.Any(choice => Choices.LetterOf(choice) is null)
                ? new Defect("options have no letter", 0)
            : null;
    }
}
