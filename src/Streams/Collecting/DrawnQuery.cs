using System.Collections.Immutable;
using Orca.Streams.Storage;
using Orca.Streams.Teachers;

namespace Orca.Streams.Collecting;

/// <summary>A query on its way, holding one credit.</summary>
/// <param name="Sequence">Its number among those drawn in this stage and run, from 0.</param>
/// <param name="Stage">Index of the stage.</param>
/// <param name="Answers">What the teacher is asked for: one answer, or several, the first one first.</param>
/// <param name="After">Where collecting stands after it; null where it does not move.</param>
internal sealed record DrawnQuery(long Sequence, int Stage, ImmutableArray<DrawnRequest> Answers, CollectorPosition? After)
{
    /// <summary>The request for the first answer, which the query is known by.</summary>
    public TeacherRequest Request => Answers[0].Request;

    /// <summary>What the student makes of it; null where it was not asked, or says nothing.</summary>
    public StudentOutcome? Student { get; init; }

    /// <summary>Whether the student knows it, so that no teacher is asked.</summary>
    public bool IsKnown => Student is { IsSkipped: true };

    /// <summary>Whether the run ended before the student had answered: it will be drawn again.</summary>
    public bool IsLeftOpen { get; init; }
}

/// <summary>An answer that is to be had.</summary>
/// <param name="Request">What the teacher is asked.</param>
/// <param name="Stored">What the store knew of it: an answer that was not judged, or a question that was not answered.</param>
internal sealed record DrawnRequest(TeacherRequest Request, StoredRequest? Stored);
