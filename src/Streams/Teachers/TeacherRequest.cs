using System.Globalization;
using System.Text.Json.Serialization;
using Orca.Streams.Tasks;

namespace Orca.Streams.Teachers;

/// <summary>A question put to a teacher.</summary>
public sealed record TeacherRequest
{
    /// <summary>The stage of requests that ask a judge about an answer; no stage of a curriculum.</summary>
    public const string JudgeStage = "judge";

    /// <summary>The stage of requests that the student itself answers, to learn from what it would have said with a hint.</summary>
    public const string PracticeStage = "practice";

    /// <summary>The question.</summary>
    public required TaskQuery Query { get; init; }

    /// <summary>The system message chosen for it; may be empty.</summary>
    public required string SystemMessage { get; init; }

    /// <summary>The curriculum stage it is asked for (<c>assistant</c>, <c>expert</c>).</summary>
    public required string Stage { get; init; }

    /// <summary>Which of several answers to the question it asks for, from 0.</summary>
    public int Sample { get; init; }

    /// <summary>
    /// A student's wrong answer to the question, which the teacher is shown so that it explains the mistake; null for none.
    /// </summary>
    public string? Mistake { get; init; }

    /// <summary>
    /// Of practice: a teacher's accepted answer to the question, which the student is not shown when it answers, and is when its answer is
    /// scored; null for any other request. No part of the request's identity.
    /// </summary>
    public string? Hint { get; init; }

    /// <summary>Whether the student itself answers it, to practise.</summary>
    [JsonIgnore]
    public bool IsPractice => Hint is not null;

    /// <summary>
    /// Identity of the request: one answer is stored for each. Derived from query, stage, system message and sample. Whether a mistake is
    /// shown is no part of it: what is taught is the same question, and it is paid for once however it was put.
    /// </summary>
    public string Id => TaskQuery.IdOf(
        Stage, Query.Id, SystemMessage, Sample == 0 ? null : Sample.ToString(CultureInfo.InvariantCulture));

    /// <summary>A number of 60 bits that depends on the identity alone, for what is drawn by it.</summary>
    [JsonIgnore]
    public long Number => long.Parse(Id.AsSpan(0, 15), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <summary>The system message that the teacher is sent; what is taught is <see cref="SystemMessage"/>.</summary>
    [JsonIgnore]
    public string SentMessage => Mistake is null ? SystemMessage : MistakeQuestion.MessageOf(this);

    /// <summary>The user's text that the teacher is sent; what is taught is the question's own.</summary>
    [JsonIgnore]
    public string SentPrompt => Mistake is null ? Query.Prompt : MistakeQuestion.PromptOf(this, Mistake);

    /// <summary>The request for the first answer to the same question.</summary>
    [JsonIgnore]
    public TeacherRequest First => Sample == 0 ? this : this with { Sample = 0 };
}
