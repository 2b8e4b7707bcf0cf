namespace Orca.Streams.Teachers.Scheduling;

/// <content>What is set while it runs.</content>
public sealed partial class RequestScheduler
{
    /// <summary>Holds to what is set of endpoints and of the run's budget from the next call on.</summary>
    /// <remarks>
    /// An endpoint that is switched off gets no new calls; its requests go to the others that they may go to, or wait. One that was stopped
    /// stays so. Quotas that change count what was used before.
    /// </remarks>
    public void Tune(TeacherTuning tuning)
    {
        ledger.Limit(tuning.Budget);
        lock (gate)
        {
            foreach (var state in states)
            {
                state.Tune(Now, tuning.Endpoints.GetValueOrDefault(state.Name) ?? EndpointTuning.None);
            }

            HaveRoomAgain();
            Dispatch();
        }
    }
}
