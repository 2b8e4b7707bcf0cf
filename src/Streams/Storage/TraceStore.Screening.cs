using Orca.Streams.Scoring;
using Orca.Streams.Screening;
using Orca.Streams.Teachers;

namespace Orca.Streams.Storage;

public sealed partial class TraceStore
{
    private const int ScreenedAtOnce = 256;

    /// <summary>
    /// Judges rejected traces again, as they are stored, where the settings of the screen that rejected them are not in force any more
    /// (changed, or the screen is switched off). Those accepted now are the last of their stage; the former verdict is kept.
    /// </summary>
    /// <remarks>Accepted traces stay so: they may have been taught. Before anybody reads the counts or the accepted traces.</remarks>
    /// <param name="screens">The screens in force.</param>
    /// <param name="everyRejection">Whether those that the screens in force rejected are judged again, too.</param>
    /// <param name="cancellationToken">Ends it between two traces; what was judged stays.</param>
    /// <exception cref="TraceStoreException">A verdict could not be written.</exception>
    public async Task<ScreenedAgain> ScreenAgainAsync(
        ScreenSet screens, bool everyRejection = false, CancellationToken cancellationToken = default)
    {
        var inForce = screens.Settings.Add(NotBest.Settings);
        bool IsOutOfDate(string? settings) => settings is null || !inForce.Contains(settings);
        var (judged, accepted, last) = (0L, 0L, 0L);
        if (!everyRejection && !reader.RejectingSettings().Any(IsOutOfDate))
        {
            return new ScreenedAgain(0, 0);
        }

        while (reader.Rejected(last, ScreenedAtOnce) is { IsEmpty: false } rejected)
        {
            last = rejected[^1].Key;
            var questions = new Dictionary<string, bool>();
            var screened = rejected.Where(trace => trace.Screen != NotBest.Name && (everyRejection || IsOutOfDate(trace.Settings)))
                .Select(trace => (Was: trace, Is: JudgedAgain(trace.Trace, screens, questions))).ToList();
            judged += screened.Count;
            accepted += screened.Count(pair => pair.Is.Accepted);
            await Task.WhenAll(screened.Where(IsOtherwise).Select(pair => SettleAgainAsync(pair.Was, pair.Is, cancellationToken)));
            cancellationToken.ThrowIfCancellationRequested();
        }

        return new ScreenedAgain(judged, accepted);
    }

    // At most one answer to a question is accepted; no screen remembers what cannot be. Questions are those that were looked at, with
    // whether an answer is.
    private ScreenedTrace JudgedAgain(Trace trace, ScreenSet screens, Dictionary<string, bool> questions)
    {
        var first = trace.Request.First;
        if (!questions.TryGetValue(first.Id, out var hasAccepted))
        {
            questions[first.Id] = hasAccepted = HasAccepted(first);
        }

        if (hasAccepted)
        {
            return NotBest.Late(trace);
        }

        var screened = screens.Judge(trace);
        questions[first.Id] = screened.Accepted;
        return screened;
    }

    private bool HasAccepted(TeacherRequest first)
    {
        for (var request = first; Find(request.Id) is { } stored; request = request with { Sample = request.Sample + 1 })
        {
            if (stored.Outcome == TraceOutcome.Accepted)
            {
                return true;
            }
        }

        return false;
    }

    // A screen that fails on a trace at every start does not fill the store.
    private static bool IsOtherwise((RejectedTrace Was, ScreenedTrace Is) pair) =>
        pair.Is.Rejection is not { } rejection
        || (rejection.Screen, rejection.Settings, rejection.Reason) != (pair.Was.Screen, pair.Was.Settings, pair.Was.Reason);

    private async Task SettleAgainAsync(RejectedTrace was, ScreenedTrace screened, CancellationToken cancellationToken)
    {
        var verdict = Verdict.Of(was.Key, screened);
        await writer.WriteAsync(statements => statements.SettleAgain(verdict), cancellationToken);
        lock (countsGate)
        {
            Counts = Counts.WithoutRejection(was.Screen, was.Trace.Request.Sample).Plus(verdict);
        }
    }
}
