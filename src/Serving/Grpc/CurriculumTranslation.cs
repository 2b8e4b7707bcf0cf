using Orca.Protocol.Curriculum.V1;
using Orca.Streams.Curricula;
using Orca.Streams.Curricula.Control;

namespace Orca.Serving.Grpc;

/// <summary>The curriculum's status as the wire contract has it.</summary>
internal static class CurriculumTranslation
{
    public static GateTuning ToTuning(this SetGate gate) => new(
        gate.HasQuestions ? (int)Math.Min(gate.Questions, int.MaxValue) : null, gate.HasLevel ? gate.Level : null);

    public static Status ToMessage(this CurriculumStatus status)
    {
        var message = new Status
        {
            Revision = (ulong)status.Revision,
            Stage = status.Stage,
            Paused = status.Paused,
            TracesAccepted = (ulong)status.TracesAccepted,
            TracesRejected = (ulong)status.TracesRejected,
            LessonsQueued = (uint)status.LessonsQueued,
            LessonsCapacity = (uint)status.LessonsCapacity,
            LessonsDelivered = (ulong)status.LessonsDelivered,
            LessonsReplayed = (ulong)status.LessonsReplayed,
            StageLessons = (ulong)status.StageLessons,
            TracesWaiting = (ulong)status.TracesWaiting,
            Epoch = (uint)status.Epoch,
            Finished = status.Finished,
        };
        if (status.StageLength is { } length)
        {
            message.StageLength = (ulong)length;
        }

        if (status.Gate.Questions is { } questions)
        {
            message.GateQuestions = (uint)questions;
        }

        if (status.Gate.Level is { } level)
        {
            message.GateLevel = level;
        }

        message.Mixture.Add(status.Mixture);
        message.ScreenLimits.Add(status.ScreenLimits);
        message.RejectedByScreen.Add(status.RejectedByScreen.ToDictionary(pair => pair.Key, pair => (ulong)pair.Value));
        return message;
    }
}
