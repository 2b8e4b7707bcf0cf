using Orca.Streams.Curricula.Control;
using Orca.Streams.Curricula.Lessons;
using Orca.Streams.Curricula.Replay;
using Orca.Streams.Storage;
using Orca.Streams.Tasks;

namespace Orca.Streams.Curricula;

/// <content>What the trainer says and is told.</content>
public sealed partial class Curriculum
{
    // What the loop knows of the trainer: the step that it fills or has filled last, and whether it still takes lessons for it.
    private long step;
    private bool isFilling;
    private bool hasGiven;

    /// <inheritdoc/>
    void ITrainerLink.Fill(long step) => inbox.Writer.TryWrite(new FillMessage(step));

    /// <inheritdoc/>
    StepOrders ITrainerLink.Filled(long step) => Ask<StepOrders>(done => new FilledMessage(step, done)) ?? LastOrders();

    /// <inheritdoc/>
    void ITrainerLink.Made(StepResult result) => Ask<bool>(done => new MadeMessage(result, done));

    /// <inheritdoc/>
    bool ITrainerLink.RolledBack(RollBackOrder order, ReadOnlyMemory<byte> curriculum)
    {
        var saved = CurriculumState.FromBytes(curriculum.Span);
        Fitting(saved.Progress);
        return Ask<bool>(done => new RolledBackMessage(order, saved, done));
    }

    /// <inheritdoc/>
    void ITrainerLink.Refused(RollBackOrder order, string reason) => Ask<bool>(done => new RefusedMessage(order, done));

    // From the trainer's thread, which may wait.
    private T? Ask<T>(Func<TaskCompletionSource<T>, CurriculumMessage> message)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        return running && inbox.Writer.TryWrite(message(done)) ? done.Task.GetAwaiter().GetResult() : default;
    }

    private StepOrders Orders() => new(
        state.Steering.Rate.Scale ?? 1, state.Steering.ScheduleRestarts,
        state.Steering.RollBack is { } order && order.Revision > state.Progress.RolledBack ? order : null);

    // What is given where the curriculum has ended: nothing could go back with the student.
    private StepOrders LastOrders() => Orders() with { RollBack = null };

    private async Task HandleTrainerAsync(CurriculumMessage message)
    {
        switch (message)
        {
            case WantedMessage:
                wanted++;
                hasGiven = true;
                await TellStepsAsync(isFilling ? step : null);
                break;
            case FillMessage fill:
                hasGiven &= isFilling && step == fill.Step;
                (step, isFilling) = (fill.Step, true);
                break;
            case FilledMessage filled:
                (step, isFilling) = (filled.Step, false);
                await LogAsync();
                await TellStepsAsync(step + 1);
                filled.Done.TrySetResult(Orders());
                break;
            case LogMessage log:
                await LogAsync();
                log.Done.TrySetResult(true);
                break;
            case MadeMessage made:
                Learn(made.Result);
                made.Done.TrySetResult(true);
                break;
            case RolledBackMessage rolledBack:
                await HandleRollBackAsync(rolledBack);
                break;
            case RefusedMessage refused:
                MoveTo(state with { Progress = state.Progress with { RolledBack = refused.Order.Revision } });
                refused.Done.TrySetResult(true);
                break;
        }
    }

    private void Learn(StepResult result)
    {
        if (result.IsSkipped)
        {
            return;
        }

        var progress = state.Progress with
        {
            Gains = state.Progress.Gains.With(result),
            Pace = state.Progress.Pace.With(result, Pacing),
        };
        ForgetShares();
        MoveTo(state with { Progress = progress });
    }

    // One that the log cannot be told of (a full disk) is refused, and nothing has changed.
    private async Task HandleRollBackAsync(RolledBackMessage message)
    {
        try
        {
            await RollBackAsync(message.Order, message.State.Progress);
            message.Done.TrySetResult(true);
        }
        catch (TraceStoreException failure)
        {
            message.Done.TrySetException(new TaskFormatException(
                $"The student stays as it is, since what it was taught after '{message.Order.Checkpoint}' cannot be taken back: "
                    + $"{failure.Message}",
                failure));
        }
    }

    // What was taught since then waits again; lessons are counted on.
    private async Task RollBackAsync(RollBackOrder order, LessonProgress saved)
    {
        var progress = Fitting(saved);
        await store.TakeBackAsync(progress.Lessons, order.Revision, saved.RolledBack);
        unlogged.Clear();
        while (lessons.Reader.TryRead(out _))
        {
            wanted++;
        }

        (log, followed) = (null, null);
        dropsAfter = null;
        MoveTo(state with { Progress = progress with { Lessons = state.Progress.Lessons, RolledBack = order.Revision } });
        PassOwnAnswersOver();
        lastTaken = state.Progress;
        LookAtStage();
    }
}
