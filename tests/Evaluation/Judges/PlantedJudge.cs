using System.Collections.Immutable;
using System.Globalization;
using Orca.Evaluation.Judges;
using Orca.Evaluation.Protocols;

namespace Orca.Evaluation.Tests.Judges;

/// <summary>One question's two answers as a planted judge sees them: what they are worth and how long they are.</summary>
internal sealed record PlantedPair(double Candidate, double Reference, int CandidateLength = 100, int ReferenceLength = 100);

/// <summary>Judgements by judges whose habits are known, made through the texts that a real one would write.</summary>
internal static class PlantedJudge
{
    /// <summary>Judges every pair in both orders.</summary>
    /// <param name="pairs">The pairs.</param>
    /// <param name="mark">Mark of an answer by its worth, its length less the other's, and whether it is shown first.</param>
    public static ImmutableArray<Judgement> Of(IEnumerable<PlantedPair> pairs, Func<double, int, bool, double> mark) =>
    [
        .. pairs.SelectMany((pair, row) => new[] { ReviewOrder.CandidateFirst, ReviewOrder.ReferenceFirst }.Select(order =>
        {
            var isFirst = order == ReviewOrder.CandidateFirst;
            var longer = pair.CandidateLength - pair.ReferenceLength;
            var (mine, theirs) = (mark(pair.Candidate, longer, isFirst), mark(pair.Reference, -longer, !isFirst));
            return Judge(row, order, isFirst ? Text(mine, theirs) : Text(theirs, mine), pair);
        })),
    ];

    public static Judgement Judge(int row, ReviewOrder order, string review, PlantedPair? pair = null) => Judgement.Of(
        new ReviewRequest
        {
            Suite = "vicuna",
            Task = "generic",
            Row = row,
            Item = $"{row}",
            Order = order,
            Prompt = new Prompt { Text = $"{row} {order}" },
            CandidateLength = pair?.CandidateLength ?? 0,
            ReferenceLength = pair?.ReferenceLength ?? 0,
        },
        "planted", new Review(review, 10, 5, 0.001m), DateTimeOffset.UnixEpoch);

    public static PairwiseReport Report(ImmutableArray<Judgement> judgements) =>
        PairwiseReport.Of("vicuna", "candidate", "reference", "planted", judgements);

    private static string Text(double first, double second) => string.Create(
        CultureInfo.InvariantCulture, $"{Math.Clamp(first, 1, 10):0.###} {Math.Clamp(second, 1, 10):0.###}\nBoth were read.");
}
