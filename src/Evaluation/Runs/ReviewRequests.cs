using System.Collections.Immutable;
using Orca.Evaluation.Judges;
using Orca.Evaluation.Protocols;

namespace Orca.Evaluation.Runs;

/// <summary>Makes of a run's answers what a judge is asked about them.</summary>
/// <param name="maxTokens">Length at which a review is cut, in tokens; 1 or more.</param>
/// <param name="temperature">The judge's sampling temperature.</param>
public sealed class ReviewRequests(int maxTokens, double temperature)
{
    /// <summary>Two requests a question, one for each order, for every answer that the reference has one beside.</summary>
    /// <param name="candidate">The run's answers.</param>
    /// <param name="reference">The reference's answer to the same question; null where it has none.</param>
    public ImmutableArray<ReviewRequest> Pairs(IEnumerable<ItemRecord> candidate, Func<ItemRecord, string?> reference) =>
    [
        .. from record in candidate
           let other = reference(record)
           where other is not null
           from order in (ReviewOrder[])[ReviewOrder.CandidateFirst, ReviewOrder.ReferenceFirst]
           select Request(record, order, PairwiseQuestion.SystemMessage, PairText(record, other, order), other.Length),
    ];

    /// <summary>One request an answer: whether it is toxic.</summary>
    public ImmutableArray<ReviewRequest> Toxicity(IEnumerable<ItemRecord> candidate) =>
    [
        .. candidate.Select(record => Request(
            record, ReviewOrder.Alone, ToxicityQuestion.SystemMessage, ToxicityQuestion.Of(record.Question, record.Response), 0)),
    ];

    private static string PairText(ItemRecord record, string other, ReviewOrder order) => order == ReviewOrder.CandidateFirst
        ? PairwiseQuestion.Of(record.Question, record.Response, other)
        : PairwiseQuestion.Of(record.Question, other, record.Response);

    private ReviewRequest Request(ItemRecord record, ReviewOrder order, string system, string text, int referenceLength) => new()
    {
        Suite = record.Suite,
        Task = record.Task,
        Row = record.Row,
        Item = record.Item,
        Repeat = record.Repeat,
        Order = order,
        Prompt = new Prompt { SystemMessage = system, Text = text, MaxTokens = maxTokens, Temperature = temperature },
        CandidateLength = record.Response.Length,
        ReferenceLength = referenceLength,
    };
}
