using System.Collections.Immutable;
using nietras.SeparatedValues;
using Orca.Streams;
using Orca.Streams.Answers;

namespace Orca.Evaluation.Suites;

/// <summary>
/// TruthfulQA (Lin et al., arXiv 2109.07958) with a single right answer: the best answer stands among the wrong ones under a letter, in an
/// order that the row alone decides. Tasks are the file's categories.
/// </summary>
public static class TruthfulQa
{
    private const int MostOptions = 26;

    /// <summary>Reads <c>TruthfulQA.csv</c>, or a folder that holds it.</summary>
    /// <exception cref="EvaluationException">It is not there, or damaged.</exception>
    public static EvaluationSuite Read(string name, string path)
    {
        var file = PublishedFile.Find(name, Directory.Exists(path) ? Path.Combine(path, "TruthfulQA.csv") : path)[0];
        try
        {
            using var reader = new Sep(',').Reader(options => options with { Unescape = true }).FromText(PublishedFile.Text(file));
            var items = new List<EvaluationItem>();
            foreach (var row in reader)
            {
                items.Add(Item(
                    name, items.Count, row["Category"].ToString(), row["Question"].ToString(), row["Best Answer"].ToString().Trim(),
                    row["Incorrect Answers"].ToString()));
            }

            return new EvaluationSuite(
                name,
                [
                    .. items.GroupBy(item => item.Task).OrderBy(task => task.Key, StringComparer.Ordinal)
                        .Select(task => Defects.Mark(new EvaluationTask(task.Key, [.. task]))),
                ]);
        }
        catch (Exception failure) when (failure is KeyNotFoundException or InvalidDataException or ArgumentException)
        {
            throw new EvaluationException(
                $"'{file}' is no TruthfulQA: {failure.Message}; give TruthfulQA.csv as its authors publish it.", failure);
        }
    }

    private static EvaluationItem Item(string suite, int row, string category, string question, string best, string wrong)
    {
        var answers = wrong.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(answer => AnswerMatch.Fold(answer) != AnswerMatch.Fold(best)).Distinct().Take(MostOptions - 1).Prepend(best).ToArray();
        var random = SeededRandom.Of(row);
        for (var i = answers.Length - 1; i > 0; i--)
        {
            var other = random.Next(i + 1);
            (answers[i], answers[other]) = (answers[other], answers[i]);
        }

        return new EvaluationItem
        {
            Suite = suite,
            Task = category,
            Row = row,
            Question = question,
            Choices = [.. answers.Select((answer, place) => $"({(char)('A' + place)}) {answer}")],
            Gold = [$"{(char)('A' + Array.IndexOf(answers, best))}"],
            Kind = AnswerKind.MultipleChoice,
            Chance = 1.0 / answers.Length,
        };
    }
}
