namespace Orca.Streams.Storage;

/// <summary>What the student answered to a question before a teacher was to be asked, and what came of it.</summary>
public sealed record StudentOutcome
{
    /// <summary>The request that the teacher would be sent: <see cref="Teachers.TeacherRequest.Id"/> of the first answer.</summary>
    public required string RequestId { get; init; }

    /// <summary>Its stage.</summary>
    public required string Stage { get; init; }

    /// <summary>Its collection.</summary>
    public required string Collection { get; init; }

    /// <summary>Its task.</summary>
    public required string Task { get; init; }

    /// <summary>Its difficulty; null where that is unknown.</summary>
    public int? Difficulty { get; init; }

    /// <summary>Probability that a guess would have been right; 0 where it is unknown.</summary>
    public double Chance { get; init; }

    /// <summary>Whether the student's first answer, which is what it says by itself, is right.</summary>
    public required bool IsRight { get; init; }

    /// <summary>How many of its answers are right.</summary>
    public required int Right { get; init; }

    /// <summary>How many it gave.</summary>
    public required int Answers { get; init; }

    /// <summary>Whether it knows the question, by the margin that was in force.</summary>
    public required bool Knew { get; init; }

    /// <summary>Whether the question is of those that a teacher is asked whatever the student says.</summary>
    public required bool IsAskedAnyway { get; init; }

    /// <summary>Its wrong answer, where the teacher is shown it.</summary>
    public string? Mistake { get; init; }

    /// <summary>The student's version.</summary>
    public string Version { get; init; } = "";

    /// <summary>Whether no teacher is asked: the question has come to its end.</summary>
    public bool IsSkipped => Knew && !IsAskedAnyway;
}

/// <summary>How questions fared that the student was asked before a teacher.</summary>
/// <param name="Asked">Questions that it answered.</param>
/// <param name="Right">Those whose first answer is right.</param>
/// <param name="Skipped">Those that no teacher was asked, since the student knew them.</param>
/// <param name="Anyway">Those that a teacher was asked whatever the student said.</param>
/// <param name="AnywayRight">Those of them whose first answer is right: how often the student is right, without any choice.</param>
/// <param name="AnywayKnew">Those of them that would have been skipped.</param>
public sealed record StudentFigures(long Asked, long Right, long Skipped, long Anyway, long AnywayRight, long AnywayKnew);
