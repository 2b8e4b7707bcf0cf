using Orca.Streams.Screening;
using Orca.Streams.Storage;

namespace Orca.Streams.Curricula.Control;

/// <summary>Limits of screens that commands have set, read from their journal.</summary>
public static class ScreenTuning
{
    /// <summary>
    /// The limits that are in force by the journal of a store, as the end of their last change left them: so that answers that were
    /// judged by them are not judged otherwise after a restart.
    /// </summary>
    public static ScreenPlan Of(TraceStore store)
    {
        var plan = ScreenPlan.Default;
        foreach (var entry in store.CommandsAfter(0).Where(entry => entry.Kind == ScreensCommand.Name))
        {
            plan = CommandJson.ReadPayload(entry.Kind, entry.Payload) is ScreensCommand command
                ? new ScreenPlan(entry.Revision, plan.Limits.SetItems(command.Limits))
                : plan;
        }

        return plan;
    }
}
