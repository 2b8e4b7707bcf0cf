using Orca.Protocol.Curriculum.V1;
using Orca.Streams.Curricula;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Curricula.Watching;
using WireEndpoint = Orca.Protocol.Curriculum.V1.EndpointTuning;
using WirePausedWork = Orca.Protocol.Curriculum.V1.PausedWork;
using WirePolicy = Orca.Protocol.Curriculum.V1.MixturePolicy;

namespace Orca.Serving.Grpc;

/// <summary>The curriculum's status as the wire contract has it.</summary>
internal static class CurriculumTranslation
{
    public static Status ToMessage(this CurriculumStatus status, RunMeasures measures)
    {
        var message = new Status
        {
            Revision = (ulong)status.Revision,
            Stage = status.Stage,
            Paused = status.Paused != Streams.Curricula.Control.PausedWork.None,
            PausedWork = (WirePausedWork)(int)status.Paused,
            TracesAccepted = (ulong)status.TracesAccepted,
            TracesRejected = (ulong)status.TracesRejected,
            LessonsQueued = (uint)Math.Min(status.TracesWaiting, uint.MaxValue),
            LessonsCapacity = (uint)status.LessonsCapacity,
            LessonsDelivered = (ulong)status.LessonsDelivered,
            LessonsReplayed = (ulong)status.LessonsReplayed,
            LessonsDropped = (ulong)status.LessonsDropped,
            LessonsHash = status.LessonsHash,
            StageLessons = (ulong)status.StageLessons,
            TracesWaiting = (ulong)status.TracesWaiting,
            TasksUsedUp = status.TasksUsedUp,
            Epoch = (uint)status.Epoch,
            Finished = status.Finished,
            Policy = ToMessage(status.Policy),
            Pacing = ToMessage(status.Pacing),
        };
        if (status.StageLength is { } length)
        {
            message.StageLength = (ulong)length;
        }

        if (status.Regret is { } regret)
        {
            message.Regret = regret;
        }

        if (status.Proof is { } proof)
        {
            message.Proof = new GainProof
            {
                Gain = proof.Gain,
                Low = proof.Low,
                High = proof.High,
                FromStep = (ulong)proof.From,
                ToStep = (ulong)proof.To,
            };
        }

        message.Mixture.Add(status.Mixture);
        message.Gains.Add(status.Gains);
        message.StudentAccuracy.Add(status.StudentAccuracy);
        message.RejectedByScreen.Add(status.RejectedByScreen.ToDictionary(pair => pair.Key, pair => (ulong)pair.Value));
        AddSteering(message, status.Steering);
        AddMeasures(message, measures);
        return message;
    }

    private static void AddSteering(Status message, Steering steering)
    {
        if (steering.Gate.Questions is { } questions)
        {
            message.GateQuestions = (uint)questions;
        }

        if (steering.Gate.Level is { } level)
        {
            message.GateLevel = level;
        }

        if (steering.Replay.Ratio is { } ratio)
        {
            message.ReplayRatio = ratio;
        }

        if (steering.Replay.MaxReuses is { } reuses)
        {
            message.MaxReuses = (uint)reuses;
        }

        if (steering.Teachers.Budget is { } budget)
        {
            message.Budget = (double)budget;
        }

        if (steering.Rate.Scale is { } scale)
        {
            message.RateScale = scale;
        }

        message.ScreenLimits.Add(steering.ScreenLimits);
        message.MessageWeights.Add(steering.MessageWeights);
        foreach (var (name, endpoint) in steering.Teachers.Endpoints)
        {
            message.Endpoints.Add(name, ToMessage(endpoint));
        }
    }

    private static void AddMeasures(Status message, RunMeasures measures)
    {
        if (measures.Spent is { } spent)
        {
            message.Spent = (double)spent;
        }

        if (measures.StaleSteps is { } steps)
        {
            message.StaleSteps = (ulong)Math.Max(0, steps);
        }
    }

    private static WirePolicy ToMessage(Streams.Curricula.Mixtures.MixturePolicy policy) => new()
    {
        Kind = (WirePolicy.Types.Kind)((int)policy.Kind + 1),
        Temperature = policy.Temperature,
        RandomShare = policy.RandomShare,
    };

    private static LessonPacing ToMessage(Streams.Curricula.Mixtures.LessonPacing pacing)
    {
        var message = new LessonPacing();
        if (pacing.MaxDifficulty is { } difficulty)
        {
            message.MaxDifficulty = (uint)difficulty;
        }

        if (pacing.MaxTokens is { } tokens)
        {
            message.MaxTokens = (uint)tokens;
        }

        if (pacing.NextAtLoss is { } loss)
        {
            message.NextAtLoss = loss;
        }

        if (pacing.NextAtAccuracy is { } accuracy)
        {
            message.NextAtAccuracy = accuracy;
        }

        return message;
    }

    private static WireEndpoint ToMessage(Streams.Teachers.EndpointTuning endpoint)
    {
        var message = new WireEndpoint();
        if (endpoint.Enabled is { } enabled)
        {
            message.Enabled = enabled;
        }

        if (endpoint.RequestsPerMinute is { } requests)
        {
            message.RequestsPerMinute = (uint)requests;
        }

        if (endpoint.TokensPerMinute is { } tokens)
        {
            message.TokensPerMinute = (uint)tokens;
        }

        return message;
    }
}
