using System.Collections.Immutable;

namespace Orca.Streams.Collecting;

/// <summary>Judges answers.</summary>
internal static class ScreenOperator
{
    /// <summary>Each query with what is found of its answers; one that was not answered whole stays open.</summary>
    /// <remarks>
    /// In flight: every query that waits for a thread or is judged; as many are judged at once as the process has threads for.
    /// </remarks>
    public static IObservable<JudgedQuery> Screen(
        this IObservable<AnsweredQuery> queries, AnswerJudging judging, ResultOrder order, WorkInFlight inFlight,
        CancellationToken cancellationToken) =>
        queries.Concurrently(query => ScreenAsync(query, judging, cancellationToken), order, inFlight);

    private static async Task<JudgedQuery> ScreenAsync(AnsweredQuery query, AnswerJudging judging, CancellationToken cancellationToken)
    {
        if (query.IsOpen)
        {
            return new JudgedQuery(query.Drawn, []);
        }

        try
        {
            return await Task.Run(async () => new JudgedQuery(
                query.Drawn, await judging.JudgeAsync(query.Answers, cancellationToken)), CancellationToken.None);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return new JudgedQuery(query.Drawn, []);
        }
    }
}
