using System.Collections.Immutable;
using Orca.Streams.Scoring;
using Orca.Streams.Screening;
using Orca.Streams.Teachers;

namespace Orca.Streams.Collecting;

/// <summary>Judges answers, and scores those that are accepted.</summary>
internal static class ScreenOperator
{
    /// <summary>Each query with what the screens say of its answer, or without where it has none.</summary>
    /// <remarks>
    /// In flight: every answer that waits for a thread or is judged; as many are judged at once as the process has threads for.
    /// </remarks>
    public static IObservable<JudgedQuery> Screen(
        this IObservable<AnsweredQuery> queries, Func<Trace, ScreenedTrace> judge, ImmutableArray<IScorer> scorers, ResultOrder order,
        WorkInFlight inFlight) =>
        queries.Concurrently(query => ScreenAsync(query, judge, scorers), order, inFlight);

    private static Task<JudgedQuery> ScreenAsync(
        AnsweredQuery query, Func<Trace, ScreenedTrace> judge, ImmutableArray<IScorer> scorers) => query.Trace is { } trace
        ? Task.Run(() => Judged(query, judge(trace), scorers))
        : Task.FromResult(new JudgedQuery(query.Drawn, query.Key, null, [], query.Failure));

    // What is rejected is scored for nobody.
    private static JudgedQuery Judged(AnsweredQuery query, ScreenedTrace screened, ImmutableArray<IScorer> scorers) =>
        new(query.Drawn, query.Key, screened, screened.Accepted ? Scorers.Of(scorers, screened.Trace) : [], null);
}
