using Google.Protobuf.WellKnownTypes;
using Orca.Protocol.Curriculum.V1;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Curricula.Watching;

namespace Orca.Serving.Grpc;

/// <summary>What happens in a run as the wire contract has it.</summary>
internal static class EventTranslation
{
    public static EventKind KindOf(RunEvent happened) => happened switch
    {
        StatusEvent => EventKind.Status,
        StepsEvent => EventKind.Steps,
        VersionEvent => EventKind.Version,
        CommandEvent => EventKind.Command,
        FaultEvent => EventKind.Fault,
        _ => throw new ArgumentOutOfRangeException(nameof(happened), happened, null),
    };

    public static WatchResponse ToMessage(this RunRecord record)
    {
        var message = new WatchResponse { Sequence = (ulong)record.Sequence, Time = Timestamp.FromDateTimeOffset(record.Time) };
        switch (record.Event)
        {
            case StatusEvent status:
                message.Status = status.Status.ToMessage(status.Measures);
                break;
            case StepsEvent steps:
                message.Steps = ToMessage(steps);
                break;
            case VersionEvent version:
                message.Version = ToMessage(version);
                break;
            case CommandEvent command:
                message.Command = new CommandApplied
                {
                    CommandId = command.Id,
                    Kind = command.Command.Kind,
                    Json = CommandJson.Write(command.Command),
                    Receipt = command.Receipt.ToMessage(),
                };
                break;
            case FaultEvent fault:
                message.Fault = new Fault { Text = fault.Text };
                break;
        }

        return message;
    }

    public static WatchResponse ToMessage(this RunGap gap, DateTimeOffset now) => new()
    {
        Sequence = (ulong)gap.Sequence,
        Time = Timestamp.FromDateTimeOffset(now),
        Gap = new Gap
        {
            EarlierStart = gap.IsEarlierStart,
            Missed = (ulong)gap.Missed,
            RememberedSince = gap.RememberedSince is { } since ? Timestamp.FromDateTimeOffset(since) : null,
        },
    };

    private static StepSummary ToMessage(StepsEvent steps)
    {
        var message = new StepSummary
        {
            FirstStep = (ulong)steps.FirstStep,
            LastStep = (ulong)steps.LastStep,
            Skipped = (uint)steps.Skipped,
            Tokens = (ulong)steps.Tokens,
            TokensPerSecond = steps.TokensPerSecond,
            LearningRate = steps.LearningRate,
            Lessons = (ulong)steps.Lessons,
            Waiting = steps.Waiting,
        };
        if (steps.Loss.Mean is { } loss)
        {
            message.Loss = loss;
        }

        if (steps.Made > 0)
        {
            message.GradientNorm = steps.GradientNorms / steps.Made;
        }

        if (steps.ShareOfLimit is { } share)
        {
            message.ShareOfLimit = share;
        }

        foreach (var (collection, one) in steps.LossByCollection)
        {
            if (one.Mean is { } mean)
            {
                message.LossByCollection.Add(collection, mean);
            }
        }

        return message;
    }

    private static Protocol.Curriculum.V1.VersionChange ToMessage(VersionEvent version)
    {
        var message = new Protocol.Curriculum.V1.VersionChange
        {
            Kind = (Protocol.Curriculum.V1.VersionChange.Types.Kind)((int)version.Change + 1),
            Checkpoint = version.Checkpoint,
            Step = (ulong)version.Step,
            Reason = version.Reason ?? "",
        };
        if (version.Version is { } number)
        {
            message.Version = (ulong)number;
        }

        return message;
    }
}
