using System.Collections.Immutable;
using System.CommandLine;
using Orca.Cli.Bench;
using Orca.Cli.Bench.Neighbours;
using Orca.Cli.Clients;

namespace Orca.Cli.Commands;

/// <summary><c>orca bench serve</c>: puts a load on a server over gRPC and tells how it answers.</summary>
internal static class BenchServeCommand
{
    private static readonly Argument<string?> Model = new("MODEL")
    {
        Description = "A model's folder, or a folder of checkpoints whose newest one is served in this process. Not with --server.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string?> Server = new("--server")
    {
        Description = "Measures a server that runs already instead.",
        HelpName = "ADDRESS",
    };

    private static readonly Option<string?> Checkpoints = new("--checkpoints")
    {
        Description = "The folder of checkpoints that the server of --server follows, for --reload-every.",
        HelpName = "DIR",
    };

    private static readonly Option<string?> Json = new("--json")
    {
        Description = "Also writes the figures to a file, as an array of rows.",
        HelpName = "FILE",
    };

    private static readonly SettingFlags Flags = new(SettingFlag.Of("--device", "run.device", "DEVICE"));

    public static Command Create()
    {
        var command = new Command("serve", "Puts a load on a server over gRPC, and tells how fast and how evenly it answers.")
        {
            Model, Server, Checkpoints, Json,
        };
        ServeFlags.AddTo(command);
        Flags.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var flags = ServeFlags.Read(parsed);
        using var figures = FiguresFile.Open(parsed.GetValue(Json));
        await using var target = await OpenAsync(parsed, flags, cancellationToken);
        Console.Out.WriteLine($"measuring {target.Name}");
        var bench = new ServeBench(target, flags);
        var quiet = await bench.RunAsync(null, cancellationToken);
        Tell(quiet);
        List<ServeRow> rows = [quiet.Row];
        if (flags.Reload is { } pace)
        {
            var reloading = await bench.RunAsync(pace, cancellationToken);
            Tell(reloading);
            Console.Out.Write(ServeTable.Compare(quiet.Row, reloading.Row));
            rows.Add(reloading.Row);
        }

        await BesideAsync(bench, flags.Neighbours, rows, cancellationToken);
        figures?.Write(ServeRow.ToJson(rows));
        return ExitCodes.Done;
    }

    private static async Task BesideAsync(
        ServeBench bench, ImmutableArray<Neighbour> neighbours, List<ServeRow> rows, CancellationToken cancellationToken)
    {
        ServeRow? ordinary = null;
        foreach (var kind in neighbours)
        {
            var (row, warning) = await bench.RunBesideAsync(kind, cancellationToken);
            ordinary ??= row;
            row = row with { AgainstOrdinary = row.InterTokenLatency.P99 / ordinary.InterTokenLatency.P99 };
            Tell((row, warning));
            Console.Out.Write(ServeTable.Beside(row));
            rows.Add(row);
        }
    }

    private static async Task<BenchTarget> OpenAsync(ParseResult parsed, ServeFlags flags, CancellationToken cancellationToken)
    {
        var reloads = flags.Reload is not null;
        var settings = Flags.Load(parsed);
        return (parsed.GetValue(Model), parsed.GetValue(Server)) switch
        {
            ({ } model, null) => await BenchTarget.StartAsync(model, reloads, !flags.Neighbours.IsEmpty, settings, cancellationToken),
            (null, { } address) => AtServer(ServerAddress.Parse(address), parsed.GetValue(Checkpoints), reloads),
            (null, null) => throw new CommandException("Nothing to measure is named; give a model's folder, or --server ADDRESS."),
            _ => throw new CommandException("Both a model and --server are named; give one of them."),
        };
    }

    private static BenchTarget AtServer(Uri address, string? checkpoints, bool reloads) => reloads && checkpoints is null
        ? throw new CommandException("Flag --reload-every with --server needs --checkpoints, the folder of checkpoints that the server "
            + "follows.")
        : BenchTarget.At(address, reloads ? checkpoints : null);

    private static void Tell((ServeRow Row, string? Warning) run)
    {
        Console.Out.Write(ServeTable.Render(run.Row));
        if (run.Warning is { } warning)
        {
            Console.Out.WriteLine($"  warning: {warning}");
        }
    }
}
