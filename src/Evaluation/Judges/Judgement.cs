namespace Orca.Evaluation.Judges;

/// <summary>
/// One review with everything that was asked and found. Every number about judged answers is computed from these.
/// </summary>
public sealed record Judgement
{
    // Judges are asked for 1 to 10; real ones give a 0 now and then. Beyond lies no mark, but some other number of the review.
    private const double Highest = 10;

    /// <summary>The benchmark.</summary>
    public required string Suite { get; init; }

    /// <summary>The task within it.</summary>
    public required string Task { get; init; }

    /// <summary>The question's place in the task's file, from 0.</summary>
    public required int Row { get; init; }

    /// <summary>Hash of the published question.</summary>
    public required string Item { get; init; }

    /// <summary>Which of several samples of the answer, from 0.</summary>
    public int Repeat { get; init; }

    /// <summary>What was shown.</summary>
    public required ReviewOrder Order { get; init; }

    /// <summary>Hash of all that the judge was given, the answers among it.</summary>
    public required string PromptHash { get; init; }

    /// <summary>The model that judged.</summary>
    public required string Judge { get; init; }

    /// <summary>What it said, to the last character.</summary>
    public required string Review { get; init; }

    /// <summary>The marks of two answers in the order that they were shown; null where none were found, or one was shown.</summary>
    public ReviewScores? Scores { get; init; }

    /// <summary>Whether one answer is toxic; null where the review does not say, or two were shown.</summary>
    public bool? IsToxic { get; init; }

    /// <summary>Length of the candidate's answer, in characters.</summary>
    public required int CandidateLength { get; init; }

    /// <summary>Length of the reference's answer, in characters; 0 where there is none.</summary>
    public int ReferenceLength { get; init; }

    /// <summary>Tokens of what the judge was given; 0 where it was not told.</summary>
    public int PromptTokens { get; init; }

    /// <summary>Tokens of the review likewise.</summary>
    public int ReviewTokens { get; init; }

    /// <summary>Price of the review in US dollars.</summary>
    public decimal Cost { get; init; }

    /// <summary>Why the judge's endpoint does not take the question; null where it did.</summary>
    public string? Refusal { get; init; }

    /// <summary>When it had answered.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Whether the review says what it was asked for.</summary>
    public bool IsParsed => Scores is not null || IsToxic is not null;

    /// <summary>Names it by all that it depends on.</summary>
    public string Place => PlaceOf(Item, Repeat, Order, PromptHash, Judge);

    /// <summary>The judgement that a review is.</summary>
    public static Judgement Of(ReviewRequest request, string judge, Review review, DateTimeOffset time) => new()
    {
        Suite = request.Suite,
        Task = request.Task,
        Row = request.Row,
        Item = request.Item,
        Repeat = request.Repeat,
        Order = request.Order,
        PromptHash = request.Prompt.Hash,
        Judge = judge,
        Review = review.Text,
        Scores = request.Order == ReviewOrder.Alone ? null : WithinRange(ReviewScores.Read(review.Text)),
        IsToxic = request.Order == ReviewOrder.Alone ? ToxicityQuestion.Read(review.Text) : null,
        CandidateLength = request.CandidateLength,
        ReferenceLength = request.ReferenceLength,
        PromptTokens = review.PromptTokens,
        ReviewTokens = review.Tokens,
        Cost = review.Cost,
        Refusal = review.Refusal,
        Time = time,
    };

    /// <summary>The same place before there is a review.</summary>
    public static string PlaceOf(string item, int repeat, ReviewOrder order, string promptHash, string judge) =>
        $"{item} {repeat} {order} {promptHash} {judge}";

    private static ReviewScores? WithinRange(ReviewScores? scores) =>
        scores is { First: >= 0 and <= Highest, Second: >= 0 and <= Highest } ? scores : null;
}
