using Orca.Streams.Screening;
using Orca.Streams.Teachers;

namespace Orca.Streams.Collecting;

/// <summary>Judges answers.</summary>
internal static class ScreenOperator
{
    /// <summary>Each query with what the screens say of its answer, or without where it has none.</summary>
    /// <remarks>
    /// In flight: every answer that waits for a thread or is judged; as many are judged at once as the process has threads for.
    /// </remarks>
    public static IObservable<JudgedQuery> Screen(
        this IObservable<AnsweredQuery> queries, Func<Trace, ScreenedTrace> judge, ResultOrder order, WorkInFlight inFlight) =>
        queries.Concurrently(query => ScreenAsync(query, judge), order, inFlight);

    private static Task<JudgedQuery> ScreenAsync(AnsweredQuery query, Func<Trace, ScreenedTrace> judge) => query.Trace is { } trace
        ? Task.Run(() => new JudgedQuery(query.Drawn, query.Key, judge(trace), null))
        : Task.FromResult(new JudgedQuery(query.Drawn, query.Key, null, query.Failure));
}
