using Orca.Streams.Curricula.Control;
using Orca.Streams.Curricula.Watching;
using WireStatus = Orca.Protocol.Curriculum.V1.Status;

namespace Orca.Serving.Grpc;

/// <summary>
/// Brings the curriculum's status into its history while anybody watches, where it has changed: once for all who do. Safe to use from
/// several threads.
/// </summary>
internal sealed class StatusSampler(ICurriculumControl control, TimeProvider clock)
{
    private readonly Lock gate = new();
    private WireStatus? last;
    private long sampledAt;

    /// <summary>Looks at the status, unless that was done within this time.</summary>
    public void Refresh(TimeSpan age)
    {
        lock (gate)
        {
            if (last is not null && clock.GetElapsedTime(sampledAt) < age)
            {
                return;
            }

            sampledAt = clock.GetTimestamp();
            var (status, measures) = (control.Status, control.History.Measures);
            var message = status.ToMessage(measures);
            if (!message.Equals(last))
            {
                last = message;
                control.History.Append(new StatusEvent(status, measures));
            }
        }
    }
}
