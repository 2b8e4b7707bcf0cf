using System.Collections.Immutable;
using Orca.Streams.Scoring;
using Orca.Streams.Screening;

namespace Orca.Streams.Collecting;

/// <summary>
/// Judges the answers to a question, and keeps the best: of several, the first in the order of preference that every screen lets pass.
/// Those behind it are rejected unseen; what stands before it, by the screen that did.
/// </summary>
/// <param name="screens">The screens that are in force now.</param>
/// <param name="control">Which answers pass whatever the screens find.</param>
/// <param name="scorers">What is told of answers.</param>
/// <param name="best">Which of several answers is better.</param>
internal sealed class AnswerJudging(
    Func<ScreenSet> screens, ControlArm control, ImmutableArray<IScorer> scorers, ImmutableArray<Preference> best)
{
    private readonly ImmutableArray<IScorer> ofSeveral =
        [.. scorers, .. Scorers.Of(best.Select(preference => preference.Score).Except(scorers.Select(scorer => scorer.Name)))];

    /// <summary>How each of the answers to a question ended; at most one is accepted.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled before that was known.</exception>
    public async Task<ImmutableArray<JudgedRequest>> JudgeAsync(
        ImmutableArray<AnsweredRequest> answers, CancellationToken cancellationToken) =>
        answers is [var only] ? [await JudgeAsync(only, cancellationToken)] : await ChooseAsync(answers, cancellationToken);

    // What is rejected is scored for nobody.
    private async Task<JudgedRequest> JudgeAsync(AnsweredRequest answer, CancellationToken cancellationToken)
    {
        if (answer.Trace is not { } trace)
        {
            return Failed(answer);
        }

        var screened = control.Judge(screens(), trace);
        var scores = screened.Accepted && !scorers.IsEmpty ? await Scorers.OfAsync(scorers, trace, [trace], cancellationToken) : [];
        return new JudgedRequest(answer.Request, answer.Key, screened, scores, null);
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
            scores.Add(await Scorers.OfAsync(ofSeveral, trace, traces, cancellationToken));
        }

        // Of the control arm one is taken as if there were no other: it is to tell what the screens and the choice are worth.
        var order = control.Contains(answers[0].Request)
            ? ImmutableArray.CreateRange(Enumerable.Range(0, given.Length))
            : Preference.Order(best, scores);
        int? chosen = null;
        foreach (var place in order)
        {
            var screened = chosen is { } better
                ? NotBest.Instead(traces[place], best, scores[place], scores[better])
                : control.Judge(screens(), traces[place]);
            chosen ??= screened.Accepted ? place : null;
            judged.Add(new JudgedRequest(given[place].Request, given[place].Key, screened, scores[place], null));
        }

        return [.. judged.OrderBy(answer => answer.Request.Sample)];
    }

    private static JudgedRequest Failed(AnsweredRequest answer) => new(answer.Request, answer.Key, null, [], answer.Failure);
}
