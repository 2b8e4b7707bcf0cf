using System.Collections.Immutable;
using Orca.Streams.Collecting.StudentFirst;
using Orca.Streams.Scoring;
using Orca.Streams.Screening;
using Orca.Streams.Sieves;
using Orca.Streams.Teachers;

namespace Orca.Streams.Collecting;

/// <summary>How tasks are collected.</summary>
public sealed record CollectionOptions
{
    /// <summary>What <see cref="Credits"/> is by default.</summary>
    public const int DefaultCredits = 128;

    /// <summary>Queries that may be on their way at once, from the draw to the curriculum. Default 128.</summary>
    public int Credits { get; init; } = DefaultCredits;

    /// <summary>After how much it ends. As much as the stages take unless told otherwise.</summary>
    public CollectionGoal Goal { get; init; } = new();

    /// <summary>The student that is asked before teachers are, and what follows; null where teachers are asked at once.</summary>
    public StudentOptions? Student { get; init; }

    /// <summary>What leaves questions out before they are asked.</summary>
    public ImmutableArray<IQuestionSieve> Sieves { get; init; } = [];

    /// <summary>Which answers pass whatever the screens find.</summary>
    public ControlArm Control { get; init; } = ControlArm.None;

    /// <summary>Answers that are asked for to each question, of which the best is kept. Default 1.</summary>
    public int Answers { get; init; } = 1;

    /// <summary>
    /// Which of several answers is better, the most important first; by built-in scores or those of <see cref="Scorers"/>.
    /// </summary>
    public ImmutableArray<Preference> Best { get; init; } = [new("agreement", false), new("steps", false)];

    /// <summary>Who is asked about answers that a comparison of words leaves undecided; null for nobody.</summary>
    public ITeacher? Judge { get; init; }

    /// <summary>What is told of accepted answers besides, and of all where a question has several.</summary>
    public ImmutableArray<IScorer> Scorers { get; init; } = [];

    /// <summary>
    /// Share of the first stage's questions that a later stage is given, above 0 and at most 1; null for questions of its own first.
    /// </summary>
    public double? LaterShare { get; init; }
}
