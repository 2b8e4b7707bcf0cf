using System.Collections.Immutable;
using Orca.Streams.Sieves;

namespace Orca.Evaluation.Suites;

/// <summary>Which questions of a benchmark a student may know from its lessons.</summary>
/// <param name="Lessons">Where the lessons are from.</param>
/// <param name="Count">How many there were.</param>
/// <param name="Items">Keys of the questions that a lesson shares text with, each with what they share.</param>
/// <param name="Canaries">Lessons that hold a text by which the authors mark their files.</param>
/// <remarks>By the rules of <see cref="ContaminationIndex"/>; a lesson that could be of several questions counts for one of them.</remarks>
public sealed record Contamination(string Lessons, long Count, ImmutableSortedDictionary<string, ContaminationRule> Items, int Canaries)
{
    /// <summary>Compares a benchmark with lessons.</summary>
    /// <param name="suite">The benchmark.</param>
    /// <param name="source">Where the lessons are from.</param>
    /// <param name="lessons">Each one's question and answer; read once.</param>
    public static Contamination Of(EvaluationSuite suite, string source, IEnumerable<(string Question, string Answer)> lessons)
    {
        ImmutableArray<EvaluationItem> items = [.. suite.Items];
        var index = ContaminationIndex.Of(
            suite.Name, items.Select(item => (IReadOnlyList<string>)[.. new[] { item.Passage ?? "", item.Question }.Concat(item.Choices)
                .Where(text => text.Length > 0)]));
        var found = ImmutableSortedDictionary.CreateBuilder<string, ContaminationRule>(StringComparer.Ordinal);
        var (count, canaries) = (0L, 0);
        foreach (var (question, answer) in lessons)
        {
            count++;
            canaries += suite.Canaries.Any(canary => question.Contains(canary, StringComparison.Ordinal)
                || answer.Contains(canary, StringComparison.Ordinal)) ? 1 : 0;
            foreach (var text in new[] { question, answer })
            {
                if (index.Find(text) is { } match)
                {
                    found[items[match.Row - 1].Key] = match.Rule;
                }
            }
        }

        return new Contamination(source, count, found.ToImmutable(), canaries);
    }
}
