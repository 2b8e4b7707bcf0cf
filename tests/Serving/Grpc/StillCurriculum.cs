using System.Collections.Immutable;
using Orca.Streams.Curricula;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Curricula.Watching;
using Orca.Streams.Tasks;

namespace Orca.Serving.Tests.Grpc;

/// <summary>A curriculum of which nothing is but a history and a status that tests set.</summary>
internal sealed class StillCurriculum(RunHistory history) : ICurriculumControl
{
    public CurriculumStatus Status { get; set; } = StatusAt(0);

    public RunHistory History => history;

    public IObservable<PublishRequest> PublishRequests => throw new NotSupportedException();

    public Task<CommandReceipt> ApplyAsync(CommandEnvelope envelope, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>A status after so many lessons.</summary>
    public static CurriculumStatus StatusAt(long lessons) => new()
    {
        Steering = new Steering { Mixture = Mixture.Even, SettingsMixture = Mixture.Even },
        Stage = "assistant",
        StageLessons = lessons,
        StageLength = null,
        Mixture = ImmutableSortedDictionary<string, double>.Empty.Add("cot", 1).Add("reasoning", 2),
        Policy = Streams.Curricula.Mixtures.MixturePolicy.Fixed,
        Pacing = Streams.Curricula.Mixtures.LessonPacing.None,
        Gains = ImmutableSortedDictionary<string, double>.Empty.Add("cot", 0.1),
        Regret = null,
        Proof = null,
        TracesAccepted = lessons,
        RejectedByScreen = ImmutableSortedDictionary<string, long>.Empty.Add("refusal", 3),
        TracesWaiting = 0,
        LessonsCapacity = 256,
        LessonsDelivered = lessons,
        LessonsReplayed = 0,
        LessonsDropped = 0,
        LessonsHash = (ulong)lessons,
        Epoch = 0,
        TasksUsedUp = false,
        Finished = false,
    };
}
