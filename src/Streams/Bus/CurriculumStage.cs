using Orca.Streams.Teachers;

namespace Orca.Streams.Bus;

/// <summary>A part of the curriculum with a teacher of its own.</summary>
public sealed record CurriculumStage
{
    /// <summary>Its name, which requests and lessons carry (<c>assistant</c>, <c>expert</c>).</summary>
    public required string Name { get; init; }

    /// <summary>Name of the teacher it asks, among those that collecting is given.</summary>
    public required string Teacher { get; init; }

    /// <summary>Lessons it lasts, those taught again included; null for without end.</summary>
    public long? Lessons { get; init; }

    /// <summary>What ends it besides; null for its length alone.</summary>
    public StageEnd? Ends { get; init; }

    /// <summary>
    /// Whether the student practises in it: it answers the questions of the stage before, and learns from what it would have said with
    /// that stage's answers before it.
    /// </summary>
    public bool IsPractice => Name == TeacherRequest.PracticeStage;
}
