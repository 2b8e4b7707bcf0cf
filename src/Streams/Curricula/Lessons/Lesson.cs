using System.Collections.Immutable;

namespace Orca.Streams.Curricula.Lessons;

/// <summary>What the trainer learns from one trace.</summary>
public sealed record Lesson
{
    /// <summary>Identity of the request whose answer this is.</summary>
    public required string RequestId { get; init; }

    /// <summary>The stage it was collected for.</summary>
    public required string Stage { get; init; }

    /// <summary>The collection it comes from.</summary>
    public required string Collection { get; init; }

    /// <summary>The task it comes from.</summary>
    public required string Task { get; init; }

    /// <summary>Number of its reasoning steps; null where that is unknown.</summary>
    public int? Difficulty { get; init; }

    /// <summary>Whether it was taught before.</summary>
    public bool IsRepeated { get; init; }

    /// <summary>Prompt tokens up to the point where the student speaks; no loss on them.</summary>
    public required ImmutableArray<int> PromptTokens { get; init; }

    /// <summary>
    /// Of a lesson of practice: prompt tokens with the expert's explanation in them, up to the same point; empty for any other lesson. The
    /// answer is the student's own then, and it learns what it would have said with the explanation before it.
    /// </summary>
    public ImmutableArray<int> HintedPromptTokens { get => field.IsDefault ? [] : field; init; } = [];

    /// <summary>The teacher's tokens, the stop token last; the loss is on these alone.</summary>
    public required ImmutableArray<int> AnswerTokens { get; init; }

    /// <summary>Weight of each of its tokens in the loss; 1 unless the curriculum says otherwise.</summary>
    public float Weight { get; init; } = 1;

    /// <summary>Its number among all that the curriculum has given out, from 1; 0 for a lesson made elsewhere.</summary>
    public long Ordinal { get; init; }

    /// <summary>Where the curriculum stood after it; null for a lesson made elsewhere.</summary>
    internal LessonProgress? Progress { get; init; }

    /// <summary>Whether it is one of practice.</summary>
    public bool IsPractice => !HintedPromptTokens.IsEmpty;

    /// <summary>Tokens in all, the hinted prompt left out.</summary>
    public int Length => PromptTokens.Length + AnswerTokens.Length;
}

/// <summary>Turns texts into a lesson's tokens. Streams knows no tokenizer: whoever wires the rooms brings one.</summary>
public interface ILessonEncoder
{
    /// <summary>Tells this encoding from every other: what it gives depends on this and on the texts alone.</summary>
    string Identity { get; }

    /// <summary>Tokens of the prompt and of the answer with its stop token, under the student's prompt template.</summary>
    (ImmutableArray<int> Prompt, ImmutableArray<int> Answer) Encode(string systemMessage, string prompt, string answer);
}
