using System.Collections.Immutable;
using Orca.Streams.Curricula.Control;

namespace Orca.Streams.Tests.Support;

/// <summary>Commands in one line each; what comes back is the revision.</summary>
internal static class Commands
{
    public static Task<CommandReceipt> ApplyAsync(
        this ICurriculumControl control, string id, CurriculumCommand command, CancellationToken cancellationToken = default) =>
        control.ApplyAsync(new CommandEnvelope(id, command), cancellationToken);

    public static Task<long> PauseAsync(this ICurriculumControl control, string id, CancellationToken cancellationToken) =>
        RevisionAsync(control.ApplyAsync(id, new PauseCommand(), cancellationToken));

    public static Task<long> ResumeAsync(this ICurriculumControl control, string id, CancellationToken cancellationToken) =>
        RevisionAsync(control.ApplyAsync(id, new ResumeCommand(), cancellationToken));

    public static Task<long> SetMixtureAsync(
        this ICurriculumControl control, string id, IReadOnlyDictionary<string, double> weights, CancellationToken cancellationToken) =>
        RevisionAsync(control.ApplyAsync(id, new MixtureCommand(weights.ToImmutableSortedDictionary()), cancellationToken));

    public static Task<long> SetScreensAsync(
        this ICurriculumControl control, string id, IReadOnlyDictionary<string, double> limits, CancellationToken cancellationToken) =>
        RevisionAsync(control.ApplyAsync(id, new ScreensCommand(limits.ToImmutableSortedDictionary()), cancellationToken));

    public static Task<long> SetGateAsync(
        this ICurriculumControl control, string id, GateTuning gate, CancellationToken cancellationToken) =>
        RevisionAsync(control.ApplyAsync(id, new GateCommand(gate), cancellationToken));

    public static Task<long> PublishNowAsync(this ICurriculumControl control, string id, CancellationToken cancellationToken) =>
        RevisionAsync(control.ApplyAsync(id, new PublishCommand(), cancellationToken));

    private static async Task<long> RevisionAsync(Task<CommandReceipt> receipt) => (await receipt).Revision;
}
