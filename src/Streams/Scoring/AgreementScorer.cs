using System.Collections.Immutable;
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
/// others stands for them.
/// </remarks>
public sealed class AgreementScorer : IScorer
{
    /// <inheritdoc/>
    public string Name => "agreement";

    /// <inheritdoc/>
    public ValueTask<double?> ScoreAsync(Trace trace, ImmutableArray<Trace> answers, CancellationToken cancellationToken)
    {
        if (answers.Length < 2)
        {
            return ValueTask.FromResult<double?>(null);
        }

        var expected = trace.Request.Query.Expected;
        if (AnswerExtractor.Extract(trace.Response, expected.Kind) is not { } result)
        {
            return ValueTask.FromResult<double?>(null);
        }

        var same = expected with { Gold = [result] };
        var sum = 0.0;
        foreach (var other in answers)
        {
            if (!ReferenceEquals(other, trace))
            {
                sum += AnswerMatch.IsRight(other.Response, same) ? 1
                    : expected.Kind == AnswerKind.FreeText && !(IsStatedIn(trace) && IsStatedIn(other))
                        ? SharedWords.Of(trace.Response, other.Response)
                    : 0;
            }
        }

        return ValueTask.FromResult<double?>(sum / (answers.Length - 1));
    }

    private static bool IsStatedIn(Trace answer) => Statement.LastIn(Markup.Plain(answer.Response).Trim()) is { Follows: true };
}
