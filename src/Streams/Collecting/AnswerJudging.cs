using System.Collections.Immutable;
using Orca.Streams.Scoring;
using Orca.Streams.Screening;
using Orca.Streams.Teachers;

namespace Orca.Streams.Collecting;

/// <summary>
/// Judges the answers to a question, and keeps the best: of several, the first in the order of preference that every screen lets pass.
/// Those behind it are rejected unseen; what stands before it, by the screen that did.
/// </summary>
/// <param name="screens">The screens that are in force now.</param>
/// <param name="control">Which answers pass whatever the screens find.</param>
/// <param name="judge">Who tells whether an answer is right where its words do not; null for nobody.</param>
/// <param name="scorers">What is told of answers.</param>
/// <param name="best">Which of several answers is better.</param>
/// <param name="events">Where scorers that fail are told.</param>
internal sealed class AnswerJudging(
    Func<ScreenSet> screens, ControlArm control, AnswerJudge? judge, ImmutableArray<IScorer> scorers, ImmutableArray<Preference> best,
    CollectionEvents events)
{
    private readonly ImmutableArray<IScorer> ofSeveral =
        [.. scorers, .. Scorers.Of(best.Select(preference => preference.Score).Except(scorers.Select(scorer => scorer.Name)))];

    /// <summary>
    /// How each of the answers to a question ended; at most one is accepted. Empty where that is left to the next run.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was cancelled before that was known.</exception>
    /// <exception cref="TeacherException">The judge cannot be asked.</exception>
    public async Task<ImmutableArray<JudgedRequest>> JudgeAsync(
        ImmutableArray<AnsweredRequest> answers, CancellationToken cancellationToken)
    {
        if (answers is not [var only])
        {
            return await ChooseAsync(answers, cancellationToken);
        }

        if (only.Trace is not { } trace)
        {
            return [Failed(only)];
        }

        if (await ScreenAsync(trace, cancellationToken) is not { } screened)
        {
            return [];
        }

        // What is rejected, or the student's own, is scored for nobody.
        var scores = screened.Accepted && !scorers.IsEmpty && !trace.Request.IsPractice
            ? await Scorers.OfAsync(scorers, trace, [trace], Tell, cancellationToken)
            : [];
        return [Judged(only, screened, scores)];
    }

    private async Task<ImmutableArray<JudgedRequest>> ChooseAsync(
        ImmutableArray<AnsweredRequest> answers, CancellationToken cancellationToken)
    {
        var judged = answers.Where(answer => answer.Trace is null).Select(Failed).ToList();
        var given = answers.Where(answer => answer.Trace is not null).ToImmutableArray();
        var traces = ImmutableArray.CreateRange(given, answer => answer.Trace!);
        var scores = new List<ImmutableArray<TraceScore>>(given.Length);
        foreach (var trace in traces)
        {
            scores.Add(await Scorers.OfAsync(ofSeveral, trace, traces, Tell, cancellationToken));
        }

        // Of the control arm the first is taken as if there were no other: it is to tell what the screens and the choice are worth.
        var isControl = control.Contains(answers[0].Request);
        var order = isControl
            ? ImmutableArray.CreateRange(Enumerable.Range(0, given.Length))
            : Preference.Order(best, scores);
        int? chosen = null;
        foreach (var place in order)
        {
            var screened = chosen is not { } better ? await ScreenAsync(traces[place], cancellationToken)
                : isControl ? NotBest.BesideControl(traces[place])
                : NotBest.Instead(traces[place], best, scores[place], scores[better]);
            if (screened is null)
            {
                return [];
            }

            chosen ??= screened.Accepted ? place : null;
            judged.Add(Judged(given[place], screened, scores[place]));
        }

        return [.. judged.OrderBy(answer => answer.Request.Sample)];
    }

    // Null where it is left to the next run. The judge, who is paid, is asked last, about answers that nothing else stands against; and
    // about all of the control arm, which are to tell how many are right.
    private async ValueTask<ScreenedTrace?> ScreenAsync(Trace trace, CancellationToken cancellationToken)
    {
        var inForce = screens();
        if (judge is null || !inForce.IsOn(GoldAnswerScreen.ScreenName) || !JudgeQuestion.Concerns(trace)
            || !(control.Contains(trace.Request) || inForce.WithoutRemembering.Without(GoldAnswerScreen.ScreenName).Judge(trace).Accepted))
        {
            return control.Judge(inForce, trace);
        }

        // In batches that takes hours, in which the screens may have been tuned.
        return await judge.JudgeAsync(trace, cancellationToken) is { } verdict
            ? control.Judge(screens(), trace with { Judgement = verdict })
            : null;
    }

    private static JudgedRequest Judged(AnsweredRequest answer, ScreenedTrace screened, ImmutableArray<TraceScore> scores) => new(
        answer.Request, answer.Key, screened,
        screened.Trace.Judgement is { } verdict ? scores.Add(JudgeScore.Of(verdict)) : scores,
        null);

    private static JudgedRequest Failed(AnsweredRequest answer) => new(answer.Request, answer.Key, null, [], answer.Failure);

    private void Tell(IScorer scorer, Exception failure) => events.Tell(new ScoringFailed(scorer.Name, failure.Message));
}
