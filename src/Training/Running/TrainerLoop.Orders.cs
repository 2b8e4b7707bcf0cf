using Orca.Streams;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Curricula.Lessons;
using Orca.Training.Checkpoints;
using Orca.Training.Packing;

namespace Orca.Training.Running;

/// <content>What commands have decided of a step.</content>
internal sealed partial class TrainerLoop
{
    private TimeSpan scheduleBegan;
    private long orderHandled;

    // Begun anew where commands have said so since the run was last told; what a run is first told had been said before.
    private void HearOfSchedule(StepOrders orders)
    {
        if (run.Link is null)
        {
            return;
        }

        if (orders.ScheduleRestarts > state.ScheduleRestarts)
        {
            (state, scheduleBegan) = (state.WithScheduleBegun(), Elapsed);
        }

        state = state with { ScheduleRestarts = orders.ScheduleRestarts };
    }

    // The student that it was takes the number of the step that the order came before: whoever looks for newer versions finds it.
    private void RollBack(RollBackOrder order, ITrainerLink link)
    {
        orderHandled = order.Revision;
        using var earlier = checkpoints.Reopen(order.Checkpoint, learner, state, out var fault);
        if (earlier is null || !TellRolledBack(order, link, earlier, ref fault))
        {
            if (fault is not null)
            {
                link.Refused(order, fault);
                signals.Rollbacks.OnNext(new Rollback(state.Step + 1, order.Checkpoint, fault));
            }

            return;
        }

        var saved = earlier.Load(learner);
        state = saved.State.GoingOnAt(state.Step + 1, state);
        packer = new LessonPacker(packing, saved.Packer);
        failedInARow = 0;
        TellEnded(checkpoints.Wait());
        checkpoints.GoOnFrom(earlier);
        signals.Rollbacks.OnNext(new Rollback(state.Step, order.Checkpoint, null));
        Publish();
    }

    // False with a fault where the curriculum cannot go back, and without one where it has ended: the order then waits for the next start.
    private static bool TellRolledBack(RollBackOrder order, ITrainerLink link, EarlierCheckpoint earlier, ref string? fault)
    {
        try
        {
            return link.RolledBack(order, earlier.Curriculum);
        }
        catch (TaskFormatException unfit)
        {
            fault = unfit.Message;
            return false;
        }
    }
}
