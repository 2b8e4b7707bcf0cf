using System.Collections.Immutable;
using Orca.Evaluation.Protocols;
using Orca.Evaluation.Suites;
using Orca.Streams.Answers;

namespace Orca.Evaluation.Runs;

/// <summary>
/// One answer to one question with everything that was asked, said and found. Every number of a report is computed from these.
/// </summary>
public sealed record ItemRecord
{
    /// <summary>The benchmark.</summary>
    public required string Suite { get; init; }

    /// <summary>The task within it.</summary>
    public required string Task { get; init; }

    /// <summary>The question's place in the task's file, from 0.</summary>
    public required int Row { get; init; }

    /// <summary>Hash of the published question and its answer.</summary>
    public required string Item { get; init; }

    /// <summary>Which of several samples of it, from 0.</summary>
    public int Repeat { get; init; }

    /// <summary>The protocol it was asked and read by.</summary>
    public required string Protocol { get; init; }

    /// <summary>The prompt as it was sent.</summary>
    public required Prompt Prompt { get; init; }

    /// <summary>The published question: what the options of an answer are read from.</summary>
    public required string Question { get; init; }

    /// <summary>The answers of which each is right.</summary>
    public required ImmutableArray<string> Gold { get; init; }

    /// <summary>How answers are compared.</summary>
    public required AnswerKind Kind { get; init; }

    /// <summary>Share that a blind guess gets right, 0 to 1.</summary>
    public double Chance { get; init; }

    /// <summary>What is wrong with the question; null where nothing is known.</summary>
    public Defect? Defect { get; init; }

    /// <summary>What the student said, to the last character; of ranked choices the likeliest one.</summary>
    public required string Response { get; init; }

    /// <summary>Of ranked choices each one's negative log-probability in nats, in their order; null of a generated answer.</summary>
    public ImmutableArray<double>? ChoiceLosses { get; init; }

    /// <summary>The answer found in it; null for none.</summary>
    public string? Answer { get; init; }

    /// <summary>Whether that is right.</summary>
    public required bool IsRight { get; init; }

    /// <summary>Tokens of the prompt; 0 where it was not told.</summary>
    public int PromptTokens { get; init; }

    /// <summary>Tokens of the response; 0 where it was not told.</summary>
    public int ResponseTokens { get; init; }

    /// <summary>Whether the response was cut at its longest length.</summary>
    public bool IsCut { get; init; }

    /// <summary>Why the student could not take the prompt, which then counts as wrong; null where it could.</summary>
    public string? Refusal { get; init; }

    /// <summary>Version of the student that answered; <c>none</c> where it could not take the prompt.</summary>
    public required string Version { get; init; }

    /// <summary>When it had answered.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>How long that took, in seconds.</summary>
    public double Seconds { get; init; }

    /// <summary>Names the question within its suite.</summary>
    public string Key => $"{Task}/{Row}";

    /// <summary>Names the answer within its run by all that it depends on: a question that was changed is another one.</summary>
    public string Place => PlaceOf(Item, Prompt, Repeat);

    /// <summary>What answer would be right.</summary>
    public ExpectedAnswer Expected => new(Kind, Gold, Question);

    /// <summary>The same place before there is an answer.</summary>
    public static string PlaceOf(string item, Prompt prompt, int repeat) => $"{item} {prompt.Hash} {repeat}";
}
