using Orca.Streams.Answers;
using Orca.Streams.Screening;
using Orca.Streams.Storage;
using Orca.Streams.Teachers;
using Orca.Streams.Teachers.Budgets;

namespace Orca.Streams.Collecting;

/// <summary>
/// Asks a teacher whether answers are right that a comparison of words cannot tell. What it says is stored under a stage of its own, so
/// that it is paid for once.
/// </summary>
internal sealed class AnswerJudge : IDisposable
{
    private readonly TeacherAsking asking;
    private readonly TraceStore store;
    private readonly CollectionEvents events;
    private volatile bool isSpent;

    /// <param name="judge">Who is asked.</param>
    /// <param name="teacher">Who answers the stage's questions, and is heard already.</param>
    /// <param name="store">Where replies are kept.</param>
    /// <param name="events">Where they are told.</param>
    public AnswerJudge(ITeacher judge, ITeacher teacher, TraceStore store, CollectionEvents events)
    {
        asking = new TeacherAsking(judge, events, isHeard: !ReferenceEquals(judge.Events, teacher.Events));
        (this.store, this.events) = (store, events);
    }

    /// <summary>
    /// Its verdict on an answer; undecided where it cannot tell, refuses the question, or its own budget is spent; null where that is left
    /// to the next run.
    /// </summary>
    /// <exception cref="TeacherException">The judge is given up, its settings are at fault, or another budget has no room.</exception>
    public async Task<AnswerVerdict?> JudgeAsync(Trace trace, CancellationToken cancellationToken)
    {
        var request = JudgeQuestion.About(trace);
        if (store.Find(request.Id)?.Answer is { } known)
        {
            return JudgeQuestion.VerdictIn(known.Response);
        }

        if (isSpent)
        {
            return AnswerVerdict.Undecided;
        }

        try
        {
            var key = await store.AskAsync(request, cancellationToken);
            var (reply, failure) = await asking.AskAsync(request, cancellationToken);
            if (reply is null)
            {
                return failure is null ? null : AnswerVerdict.Undecided;
            }

            await store.AnswerAsync(key, reply, CancellationToken.None);
            var verdict = JudgeQuestion.VerdictIn(reply.Response);
            events.Tell(new AnswerJudged(trace, reply, verdict));
            return verdict;
        }
        catch (TeacherException spent) when (spent.SpentBudget is { Scope: BudgetScope.Stage, Name: TeacherRequest.JudgeStage }
            && !cancellationToken.IsCancellationRequested)
        {
            if (!isSpent)
            {
                isSpent = true;
                events.Tell(new BudgetUsedUp(TeacherRequest.JudgeStage, spent.Message));
            }

            return AnswerVerdict.Undecided;
        }
    }

    public void Dispose() => asking.Dispose();
}
