using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Orca.Streams.Answers;
using Orca.Streams.Teachers;

namespace Orca.Streams.Scoring;

/// <summary>
/// Share, 0 to 1, of the other answers to the same question that come to the same result; none where there is one answer only, or where
/// no result can be told from it.
/// </summary>
/// <remarks>
/// Of several answers the result that most come to is more often right than any one of them ("self-consistency", Wang et al. 2022, arXiv
/// 2203.11171). Free text without a stated result agrees as far as its words are the same (Jaccard), so that the answer most like all
/// others stands for them. All answers to a question are read once, when the first of them is scored.
/// </remarks>
public sealed class AgreementScorer : IScorer
{
    private readonly ConditionalWeakTable<Trace[], double?[]> scored = [];

    /// <inheritdoc/>
    public string Name => "agreement";

    /// <inheritdoc/>
    public ValueTask<double?> ScoreAsync(Trace trace, ImmutableArray<Trace> answers, CancellationToken cancellationToken)
    {
        if (answers.Length < 2)
        {
            return ValueTask.FromResult<double?>(null);
        }

        var all = ImmutableCollectionsMarshal.AsArray(answers)!;
        var shares = scored.GetValue(all, SharesOf);
        return ValueTask.FromResult(shares[Array.FindIndex(all, answer => ReferenceEquals(answer, trace))]);
    }

    private static double?[] SharesOf(Trace[] answers)
    {
        var expected = answers[0].Request.Query.Expected;
        var results = Array.ConvertAll(answers, answer => AnswerExtractor.Extract(answer.Response, expected.Kind));
        var sums = expected.Kind == AnswerKind.FreeText ? SumsOfTexts(answers, results) : SumsOfResults(answers, results, expected);
        return [.. sums.Zip(results, (sum, result) => result is null ? default(double?) : sum / (answers.Length - 1))];
    }

    // Few results are given by many.
    private static double[] SumsOfResults(Trace[] answers, string?[] results, ExpectedAnswer expected)
    {
        var agreeing = results.OfType<string>().Distinct().ToDictionary(
            result => result,
            result => Array.ConvertAll(answers, answer => AnswerMatch.IsRight(answer.Response, expected with { Gold = [result] })));
        return
        [
            .. results.Select((result, place) => result is null
                ? 0
                : agreeing[result].Where((agrees, other) => agrees && other != place).Count()),
        ];
    }

    private static double[] SumsOfTexts(Trace[] answers, string?[] results)
    {
        var texts = answers.Zip(results, (answer, result) => new Text(answer.Response, result)).ToArray();
        var sums = new double[texts.Length];
        for (var one = 0; one < texts.Length; one++)
        {
            for (var other = 0; other < one; other++)
            {
                sums[one] += texts[one].AgreementOf(texts[other]);
                sums[other] += texts[other].AgreementOf(texts[one]);
            }
        }

        return sums;
    }

    private sealed class Text(string response, string? result)
    {
        private readonly string whole = AnswerMatch.Fold(response);
        private readonly string? folded = result is null ? null : AnswerMatch.Fold(result);
        private readonly bool isStated = Statement.LastIn(Markup.Plain(response).Trim()) is { Follows: true };
        private HashSet<string>? words;

        private HashSet<string> Words => words ??= SharedWords.In(whole);

        // By the same measure by which free text is right (AnswerMatch).
        public double AgreementOf(Text other) =>
            folded is not null && other.folded is not null && (other.whole == folded || other.folded == folded) ? 1
            : isStated && other.isStated ? 0
            : SharedWords.Similarity(Words, other.Words);
    }
}
