using Orca.Streams.Teachers;

namespace Orca.Streams.Collecting;

/// <summary>A query that has been asked.</summary>
/// <param name="Drawn">The query.</param>
/// <param name="Key">Its key in the store.</param>
/// <param name="Trace">The answer, stored; null where there is none.</param>
/// <param name="Failure">Why it can never be answered; null where it was, or where that is left to the next run.</param>
internal sealed record AnsweredQuery(DrawnQuery Drawn, long Key, Trace? Trace, string? Failure);
