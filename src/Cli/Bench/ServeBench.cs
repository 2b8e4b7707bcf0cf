using Orca.Cli.Clients;

namespace Orca.Cli.Bench;

/// <summary>Runs a planned load on a server, quietly or while checkpoints are published.</summary>
/// <param name="target">The server.</param>
/// <param name="flags">The load.</param>
internal sealed class ServeBench(BenchTarget target, ServeFlags flags)
{
    /// <summary>Runs it once.</summary>
    /// <param name="pace">How often a checkpoint is published; null: never.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The figures, and what makes them doubtful.</returns>
    public async Task<(ServeRow Row, string? Warning)> RunAsync(ReloadPace? pace, CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        var client = await ServerCalls.AtAsync(target.Address, () => LoadClient.OpenAsync(target.Client, clock, cancellationToken));
        using var publisher = pace is { } every ? new Republisher(target.Source!, target.Root!, every, clock) : null;
        var run = new LoadRun(flags.Plan, flags.Lengths(), client, clock) { Ended = ended => publisher?.Saw(ended) };
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var publishing = publisher is null ? Task.CompletedTask : Task.Run(() => publisher.RunAsync(over.Token), CancellationToken.None);

        var guard = CoreGuard.Start();
        var result = await run.RunAsync(cancellationToken);
        var cores = guard.Stop();
        await over.CancelAsync();
        await publishing;

        var summary = LoadSummary.Of(result, flags.Targets);
        var row = ServeRow.Of(pace is null ? "quiet" : "reloading", flags.Plan, flags.Targets, summary, publisher?.Published, cores);
        return (row, WarningOf(cores));
    }

    // A server of its own process on this machine is among the others: then only the host's share tells anything.
    private string? WarningOf(CoreShare? cores) =>
        target.IsThisProcess ? cores?.Warning : cores is null ? null : (cores with { Others = 0 }).Warning;
}
