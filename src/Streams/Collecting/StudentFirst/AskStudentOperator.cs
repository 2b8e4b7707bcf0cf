namespace Orca.Streams.Collecting.StudentFirst;

/// <summary>Asks the student before the teacher.</summary>
internal static class AskStudentOperator
{
    /// <summary>Each query with what the student makes of it; as they are where there is none to ask.</summary>
    /// <remarks>
    /// In flight: every query drawn, up to the credits, that the student has not answered. One that it knows holds its credit and its place
    /// like any other until its end is told. Cancelled, what it has not answered is left open.
    /// </remarks>
    public static IObservable<DrawnQuery> AskStudent(
        this IObservable<DrawnQuery> queries, StudentAsking? student, ResultOrder order, WorkInFlight inFlight,
        CancellationToken cancellationToken) =>
        student is null ? queries : queries.Concurrently(query => student.AskAsync(query, cancellationToken), order, inFlight);
}
