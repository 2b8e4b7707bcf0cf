using Orca.Streams.Teachers;

namespace Orca.Streams.Collecting;

/// <summary>Judges answers.</summary>
internal static class ScreenOperator
{
    /// <summary>Each query with what is found of its answers; one that was not answered whole stays open.</summary>
    /// <remarks>
    /// In flight: every query that waits for a thread, is judged, or waits for the judge's answer; as many are judged at once as the
    /// process has threads for. A query for which a budget has no room is left open, and no more are drawn then.
    /// </remarks>
    public static IObservable<JudgedQuery> Screen(
        this IObservable<AnsweredQuery> queries, AnswerJudging judging, QueryDraw draw, ResultOrder order, WorkInFlight inFlight,
        CancellationToken cancellationToken) =>
        queries.Concurrently(query => ScreenAsync(query, judging, draw, cancellationToken), order, inFlight);

    private static async Task<JudgedQuery> ScreenAsync(
        AnsweredQuery query, AnswerJudging judging, QueryDraw draw, CancellationToken cancellationToken)
    {
        if (query.IsOpen || query.Drawn.IsKnown)
        {
            return new JudgedQuery(query.Drawn, []);
        }

        try
        {
            // On another thread of the pool: this one brings the next answer.
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            return new JudgedQuery(query.Drawn, await judging.JudgeAsync(query.Answers, cancellationToken));
        }
        catch (TeacherException failure) when (failure.SpentBudget is { } budget)
        {
            draw.EndFor(budget, failure.Message);
            return new JudgedQuery(query.Drawn, []);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return new JudgedQuery(query.Drawn, []);
        }
    }
}
