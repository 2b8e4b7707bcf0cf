using System.Globalization;
using System.Text.Json.Serialization;
using Orca.Streams.Tasks;

namespace Orca.Streams.Teachers;

/// <summary>A question put to a teacher.</summary>
public sealed record TeacherRequest
{
    /// <summary>The stage of requests that ask a judge about an answer; no stage of a curriculum.</summary>
    public const string JudgeStage = "judge";

    /// <summary>The question.</summary>
    public required TaskQuery Query { get; init; }

    /// <summary>The system message chosen for it; may be empty.</summary>
    public required string SystemMessage { get; init; }

    /// <summary>The curriculum stage it is asked for (<c>assistant</c>, <c>expert</c>).</summary>
    public required string Stage { get; init; }

    /// <summary>Which of several answers to the question it asks for, from 0.</summary>
    public int Sample { get; init; }

    /// <summary>Identity of the request: one answer is stored for each. Derived from query, stage, system message and sample.</summary>
    public string Id => TaskQuery.IdOf(
        Stage, Query.Id, SystemMessage, Sample == 0 ? null : Sample.ToString(CultureInfo.InvariantCulture));

    /// <summary>The request for the first answer to the same question.</summary>
    [JsonIgnore]
    public TeacherRequest First => Sample == 0 ? this : this with { Sample = 0 };
}
