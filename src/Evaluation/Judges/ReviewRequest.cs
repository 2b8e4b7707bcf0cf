using Orca.Evaluation.Protocols;

namespace Orca.Evaluation.Judges;

/// <summary>One question to a judge: about an answer, or about two in one order.</summary>
public sealed record ReviewRequest
{
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

    /// <summary>What is shown.</summary>
    public required ReviewOrder Order { get; init; }

    /// <summary>All that the judge is given.</summary>
    public required Prompt Prompt { get; init; }

    /// <summary>Length of the candidate's answer, in characters.</summary>
    public required int CandidateLength { get; init; }

    /// <summary>Length of the reference's answer, in characters; 0 where there is none.</summary>
    public int ReferenceLength { get; init; }

    /// <summary>Names the review by all that it depends on: other answers, words or judges make another one.</summary>
    /// <param name="judge">The model that judges.</param>
    public string PlaceBy(string judge) => Judgement.PlaceOf(Item, Repeat, Order, Prompt.Hash, judge);
}
