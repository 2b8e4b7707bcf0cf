using System.Collections.Immutable;
using Orca.Streams.Answers;
using Orca.Streams.Tasks;

namespace Orca.Evaluation.Suites;

/// <summary>One question of a benchmark as its authors published it. Protocols make prompts of it.</summary>
public sealed record EvaluationItem
{
    /// <summary>The benchmark, such as <c>bbh</c>.</summary>
    public required string Suite { get; init; }

    /// <summary>The task within it, such as <c>navigate</c>.</summary>
    public required string Task { get; init; }

    /// <summary>Its place in the task's file, from 0.</summary>
    public required int Row { get; init; }

    /// <summary>What is read before the question; null where there is nothing.</summary>
    public string? Passage { get; init; }

    /// <summary>The question as it is published, with its options where the published text lists them.</summary>
    public required string Question { get; init; }

    /// <summary>
    /// Options that are published beside the question, as they are written; empty where the question lists them or has none.
    /// </summary>
    public ImmutableArray<string> Choices { get; init; } = [];

    /// <summary>The system message that the question brings with it; null where it brings none.</summary>
    public string? SystemMessage { get; init; }

    /// <summary>The published answers of which each is right; empty for questions that a judge marks.</summary>
    public required ImmutableArray<string> Gold { get; init; }

    /// <summary>How an answer is found in a response and compared.</summary>
    public required AnswerKind Kind { get; init; }

    /// <summary>Share that a blind guess among the listed answers gets right, 0 to 1; 0 where nothing is listed.</summary>
    public double Chance { get; init; }

    /// <summary>What is wrong with the item as it is published; null where nothing is known.</summary>
    public Defect? Defect { get; init; }

    /// <summary>Names the item within its suite: task and row.</summary>
    public string Key => $"{Task}/{Row}";

    /// <summary>Changes when the published text or the answer does.</summary>
    public string Id => TaskQuery.IdOf(Suite, Key, Text, Gold.IsEmpty ? null : Gold[0]);

    /// <summary>All that is asked, as one text: passage, question and choices.</summary>
    public string Text => (string.IsNullOrEmpty(Passage) ? "" : $"{Passage}\n\n") + string.Join('\n', Choices.Insert(0, Question));

    /// <summary>The lettered options, wherever they are listed.</summary>
    public ImmutableArray<AnswerOption> Options => Choices.IsEmpty ? OptionList.Of(Question) : Suites.Choices.Read(Choices);

    /// <summary>What answer would be right.</summary>
    public ExpectedAnswer Expected => new(Kind, Gold, Text);
}
