using System.Collections.Immutable;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Orca.Protocol.Curriculum.V1;
using Orca.Serving.Requests;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Curricula.Mixtures;
using Orca.Streams.Curricula.Replay;
using Orca.Streams.Teachers;
using WireEndpoint = Orca.Protocol.Curriculum.V1.EndpointTuning;
using WirePausedWork = Orca.Protocol.Curriculum.V1.PausedWork;
using WirePolicy = Orca.Protocol.Curriculum.V1.MixturePolicy;

namespace Orca.Serving.Grpc;

/// <summary>Commands as the wire contract has them, on a control stream or alone.</summary>
internal static class CommandTranslation
{
    private const string Oneof = "command";

    /// <summary>Name of the field that holds a request's command; empty where it holds none.</summary>
    public static string CommandField(this IMessage request) =>
        request.Descriptor.Oneofs.First(oneof => oneof.Name == Oneof).Accessor.GetCaseFieldDescriptor(request)?.Name ?? "";

    /// <summary>The command of a request; null where it holds none that changes something.</summary>
    /// <exception cref="GenerationException">A number of it has no meaning.</exception>
    public static CurriculumCommand? ReadCommand(this IMessage request) =>
        request.CommandField() is { Length: > 0 } field
            ? ToCommand(request.Descriptor.FindFieldByName(field).Accessor.GetValue(request))
            : null;

    /// <summary>The envelope of a command.</summary>
    public static CommandEnvelope Envelope(string id, CurriculumCommand command, ulong? expectedRevision) =>
        new(id, command, expectedRevision is { } revision ? (long)Math.Min(revision, long.MaxValue) : null);

    /// <summary>A receipt as a message.</summary>
    public static Acknowledged ToMessage(this CommandReceipt receipt)
    {
        var message = new Acknowledged
        {
            Revision = (ulong)receipt.Revision,
            FirstLesson = (ulong)receipt.FirstLesson,
            FirstDraw = (ulong)receipt.FirstDraw,
        };
        if (receipt.FirstStep is { } step)
        {
            message.FirstStep = (ulong)step;
        }

        return message;
    }

    private static CurriculumCommand? ToCommand(object message) => message switch
    {
        Pause pause => pause.What == WirePausedWork.Unspecified ? new PauseCommand() : new PauseCommand(ToWork(pause.What)),
        Resume resume => resume.What == WirePausedWork.Unspecified ? new ResumeCommand() : new ResumeCommand(ToWork(resume.What)),
        SetMixture mixture => new MixtureCommand(ByName(mixture.Weights)),
        PublishNow => new PublishCommand(),
        SetScreens screens => new ScreensCommand(ByName(screens.Limits)),
        SetGate gate => new GateCommand(new GateTuning(gate.HasQuestions ? Int(gate.Questions) : null, gate.HasLevel ? gate.Level : null)),
        SetStage stage => new StageCommand(stage.Stage),
        SetPolicy policy => new PolicyCommand(ToPolicy(policy.Policy ?? new WirePolicy())),
        SetPacing pacing => new PacingCommand(ToPacing(pacing.Pacing ?? new Protocol.Curriculum.V1.LessonPacing())),
        SetReplay replay => new ReplayCommand(new ReplayTuning(
            replay.HasRatio ? replay.Ratio : null, replay.HasMaxReuses ? Int(replay.MaxReuses) : null)),
        SetMessages messages => new MessagesCommand(ByName(messages.Weights)),
        SetTeachers teachers => new TeachersCommand(new TeacherTuning
        {
            Budget = teachers.HasBudget ? ToMoney(teachers.Budget) : null,
            Endpoints = teachers.Endpoints.ToImmutableSortedDictionary(
                pair => pair.Key, pair => ToTuning(pair.Value), StringComparer.Ordinal),
        }),
        SetRate rate => new RateCommand(new RateTuning(rate.HasScale ? rate.Scale : null, rate.RestartSchedule)),
        RollBack rollBack => new RollBackCommand(rollBack.Checkpoint),
        _ => null,
    };

    private static Streams.Curricula.Control.PausedWork ToWork(WirePausedWork work) => (Streams.Curricula.Control.PausedWork)(int)work;

    private static Streams.Curricula.Mixtures.MixturePolicy ToPolicy(WirePolicy policy) =>
        policy.Kind == WirePolicy.Types.Kind.Unspecified
            ? throw GenerationException.Invalid(
                "set_policy.policy.kind", "is absent; give one of fixed, proportional, temperature or adaptive")
            : new Streams.Curricula.Mixtures.MixturePolicy(
                (MixturePolicyKind)((int)policy.Kind - 1),
                policy.HasTemperature ? policy.Temperature : Streams.Curricula.Mixtures.MixturePolicy.DefaultTemperature,
                policy.HasRandomShare ? policy.RandomShare : Streams.Curricula.Mixtures.MixturePolicy.DefaultRandomShare);

    private static Streams.Curricula.Mixtures.LessonPacing ToPacing(Protocol.Curriculum.V1.LessonPacing pacing) => new(
        pacing.HasMaxDifficulty ? Int(pacing.MaxDifficulty) : null,
        pacing.HasMaxTokens ? Int(pacing.MaxTokens) : null,
        pacing.HasNextAtLoss ? pacing.NextAtLoss : null,
        pacing.HasNextAtAccuracy ? pacing.NextAtAccuracy : null);

    private static Streams.Teachers.EndpointTuning ToTuning(WireEndpoint endpoint) => new()
    {
        Enabled = endpoint.HasEnabled ? endpoint.Enabled : null,
        RequestsPerMinute = endpoint.HasRequestsPerMinute ? Int(endpoint.RequestsPerMinute) : null,
        TokensPerMinute = endpoint.HasTokensPerMinute ? Int(endpoint.TokensPerMinute) : null,
    };

    private static decimal ToMoney(double amount)
    {
        try
        {
            return (decimal)amount;
        }
        catch (OverflowException)
        {
            throw GenerationException.Invalid("set_teachers.budget", $"is {amount}; give an amount of 0 or more");
        }
    }

    private static int Int(uint number) => (int)Math.Min(number, int.MaxValue);

    private static ImmutableSortedDictionary<string, double> ByName(MapField<string, double> numbers) =>
        numbers.ToImmutableSortedDictionary(StringComparer.Ordinal);
}
