using Orca.Protocol.Curriculum.V1;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Teachers;
using WireEndpoint = Orca.Protocol.Curriculum.V1.EndpointTuning;
using WirePausedWork = Orca.Protocol.Curriculum.V1.PausedWork;
using WirePolicy = Orca.Protocol.Curriculum.V1.MixturePolicy;

namespace Orca.Cli.Tuning;

/// <summary>Commands as they are sent.</summary>
internal static class ApplyRequests
{
    /// <summary>The request of a command.</summary>
    public static ApplyRequest Of(CommandEnvelope envelope)
    {
        var request = Of(envelope.Command);
        request.CommandId = envelope.Id;
        if (envelope.ExpectedRevision is { } revision)
        {
            request.ExpectedRevision = (ulong)revision;
        }

        return request;
    }

    private static ApplyRequest Of(CurriculumCommand command) => command switch
    {
        PauseCommand pause => new ApplyRequest { Pause = new Pause { What = (WirePausedWork)(int)pause.What } },
        ResumeCommand resume => new ApplyRequest { Resume = new Resume { What = (WirePausedWork)(int)resume.What } },
        StageCommand stage => new ApplyRequest { SetStage = new SetStage { Stage = stage.Stage } },
        MixtureCommand mixture => new ApplyRequest { SetMixture = new SetMixture { Weights = { mixture.Weights } } },
        PolicyCommand policy => new ApplyRequest { SetPolicy = new SetPolicy { Policy = Of(policy.Policy) } },
        PacingCommand pacing => new ApplyRequest { SetPacing = new SetPacing { Pacing = Of(pacing.Pacing) } },
        ReplayCommand replay => new ApplyRequest { SetReplay = Of(replay.Replay) },
        MessagesCommand messages => new ApplyRequest { SetMessages = new SetMessages { Weights = { messages.Weights } } },
        ScreensCommand screens => new ApplyRequest { SetScreens = new SetScreens { Limits = { screens.Limits } } },
        TeachersCommand teachers => new ApplyRequest { SetTeachers = Of(teachers.Teachers) },
        GateCommand gate => new ApplyRequest { SetGate = Of(gate.Gate) },
        RateCommand rate => new ApplyRequest { SetRate = Of(rate.Rate) },
        PublishCommand => new ApplyRequest { PublishNow = new PublishNow() },
        RollBackCommand rollBack => new ApplyRequest { RollBack = new RollBack { Checkpoint = rollBack.Checkpoint } },
        _ => throw new ArgumentOutOfRangeException(nameof(command), command, null),
    };

    private static WirePolicy Of(Streams.Curricula.Mixtures.MixturePolicy policy) => new()
    {
        Kind = (WirePolicy.Types.Kind)((int)policy.Kind + 1),
        Temperature = policy.Temperature,
        RandomShare = policy.RandomShare,
    };

    private static LessonPacing Of(Streams.Curricula.Mixtures.LessonPacing pacing)
    {
        var message = new LessonPacing();
        Set(Count(pacing.MaxDifficulty), value => message.MaxDifficulty = value);
        Set(Count(pacing.MaxTokens), value => message.MaxTokens = value);
        Set(pacing.NextAtLoss, value => message.NextAtLoss = value);
        Set(pacing.NextAtAccuracy, value => message.NextAtAccuracy = value);
        return message;
    }

    private static SetReplay Of(Streams.Curricula.Replay.ReplayTuning replay)
    {
        var message = new SetReplay();
        Set(replay.Ratio, value => message.Ratio = value);
        Set(Count(replay.MaxReuses), value => message.MaxReuses = value);
        return message;
    }

    private static SetTeachers Of(TeacherTuning teachers)
    {
        var message = new SetTeachers();
        Set((double?)teachers.Budget, value => message.Budget = value);
        foreach (var (name, tuning) in teachers.Endpoints)
        {
            var endpoint = new WireEndpoint();
            Set(tuning.Enabled, value => endpoint.Enabled = value);
            Set(Count(tuning.RequestsPerMinute), value => endpoint.RequestsPerMinute = value);
            Set(Count(tuning.TokensPerMinute), value => endpoint.TokensPerMinute = value);
            message.Endpoints.Add(name, endpoint);
        }

        return message;
    }

    private static SetGate Of(GateTuning gate)
    {
        var message = new SetGate();
        Set(Count(gate.Questions), value => message.Questions = value);
        Set(gate.Level, value => message.Level = value);
        return message;
    }

    private static SetRate Of(RateTuning rate)
    {
        var message = new SetRate { RestartSchedule = rate.Restart };
        Set(rate.Scale, value => message.Scale = value);
        return message;
    }

    // The server would take what is below 0 for a large number.
    private static uint? Count(int? number) => number switch
    {
        null => null,
        >= 0 => (uint)number,
        _ => throw new CommandRefusedException($"The command has the number {number}; give 0 or more."),
    };

    private static void Set<T>(T? value, Action<T> set)
        where T : struct
    {
        if (value is { } known)
        {
            set(known);
        }
    }
}
