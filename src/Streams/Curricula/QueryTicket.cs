using Orca.Streams.Screening;
using Orca.Streams.Storage;
using Orca.Streams.Teachers;

namespace Orca.Streams.Curricula;

/// <summary>A query on its way, holding one credit.</summary>
/// <param name="Sequence">Its number among those drawn in this stage and run, from 0.</param>
/// <param name="Stage">Index of the stage.</param>
/// <param name="Request">What the teacher is asked.</param>
/// <param name="After">Where collecting stands after it.</param>
/// <param name="Stored">What the store knew of it: an answer that was not judged, or a question that was not answered.</param>
internal sealed record QueryTicket(long Sequence, int Stage, TeacherRequest Request, CollectorPosition After, StoredRequest? Stored);

/// <summary>A query that has been judged, or cannot be.</summary>
/// <param name="Ticket">The query.</param>
/// <param name="Key">Its key in the store.</param>
/// <param name="Screened">The judged answer; null where there is none.</param>
/// <param name="Lesson">What it teaches; null where it was rejected.</param>
/// <param name="Failure">Why it can never be answered; null otherwise.</param>
internal sealed record JudgedQuery(QueryTicket Ticket, long Key, ScreenedTrace? Screened, Lesson? Lesson, string? Failure)
{
    /// <summary>Whether the run ended before it was answered: it will be drawn again.</summary>
    public bool IsOpen => Screened is null && Failure is null;
}
