using Orca.Cli.Bench.Neighbours;
using Orca.Cli.Clients;

namespace Orca.Cli.Bench;

/// <summary>Runs a planned load on a server: quietly, while checkpoints are published, or beside another key's callers.</summary>
/// <param name="target">The server.</param>
/// <param name="flags">The load.</param>
internal sealed class ServeBench(BenchTarget target, ServeFlags flags)
{
    private TextCheck? _alone;

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

        _alone ??= new TextCheck(result.Traces);
        return RowOf(pace is null ? "quiet" : "reloading", result, publisher?.Published, cores);
    }

    /// <summary>Runs it once beside another key's callers, as many as the load's own and of the same lengths. After a quiet run.</summary>
    /// <param name="kind">How they behave.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<(ServeRow Row, string? Warning)> RunBesideAsync(Neighbour kind, CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        var client = await LoadClient.OpenAsync(target.Client, clock, cancellationToken);
        var shapes = Shapes();
        await using var neighbours = new NeighbourLoad(
            kind, target.Neighbour, flags.Plan.Concurrency,
            number => client.RequestOf(shapes[number % shapes.Length], int.MaxValue - number));
        var guard = CoreGuard.Start();
        var result = await new LoadRun(flags.Plan, flags.Lengths(), client, clock).RunAsync(cancellationToken);
        var cores = guard.Stop();
        await neighbours.StopAsync();
        var (compared, changed) = _alone!.Compare(result.Traces);
        var (row, warning) = RowOf($"beside {kind.Name}", result, null, cores);
        return (row with { TextsCompared = compared, TextsChanged = changed, NeighbourCalls = neighbours.Ends }, warning);
    }

    private RequestShape[] Shapes()
    {
        var (lengths, random) = (flags.Lengths(), new Random(flags.Plan.Seed));
        return [.. Enumerable.Range(0, 256).Select(_ => lengths.Next(random))];
    }

    private (ServeRow Row, string? Warning) RowOf(string phase, LoadResult result, int? reloads, CoreShare? cores) => (
        ServeRow.Of(phase, flags.Plan, flags.Targets, LoadSummary.Of(result, flags.Targets), reloads, cores), WarningOf(cores));

    // A server of its own process on this machine is among the others: then only the host's share tells anything.
    private string? WarningOf(CoreShare? cores) =>
        target.IsThisProcess ? cores?.Warning : cores is null ? null : (cores with { Others = 0 }).Warning;
}
