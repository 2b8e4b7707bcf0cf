using System.Collections.Immutable;
using Orca.Streams.Teachers;

namespace Orca.Streams.Collecting;

/// <summary>A query that has been asked.</summary>
/// <param name="Drawn">The query.</param>
/// <param name="Answers">What came of each of its requests; empty where no teacher is asked.</param>
internal sealed record AnsweredQuery(DrawnQuery Drawn, ImmutableArray<AnsweredRequest> Answers)
{
    /// <summary>Whether the run ended before all were answered, or left one to the next run: the query will be drawn again.</summary>
    public bool IsOpen => Drawn.IsLeftOpen || Answers.Any(answer => answer.Trace is null && answer.Failure is null);
}

/// <summary>A request that has been put to the teacher.</summary>
/// <param name="Request">The request.</param>
/// <param name="Key">Its key in the store.</param>
/// <param name="Trace">The answer, stored; null where there is none.</param>
/// <param name="Failure">Why it can never be answered; null where it was, or where that is left to the next run.</param>
internal sealed record AnsweredRequest(TeacherRequest Request, long Key, Trace? Trace, string? Failure);
