using System.CommandLine;
using Google.Protobuf;
using Grpc.Core;
using Orca.Cli.Clients;
using Orca.Cli.Tuning;
using Orca.Protocol.Curriculum.V1;
using Orca.Streams.Curricula.Control;
using Spectre.Console;

namespace Orca.Cli.Commands;

/// <summary><c>orca tune</c>: steers a running daemon's curriculum, and watches it.</summary>
internal static class TuneCommand
{
    private const int MillisecondsPerSecond = 1_000;
    private const int ShortestMilliseconds = 100;
    private const int LongestMilliseconds = 60_000;

    private static readonly JsonFormatter Json = new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true));

    private static readonly Argument<string?> Address = Arguments.Address();

    private static readonly Option<double> Interval = Arguments.Interval();

    private static readonly Option<bool> AsJson = new("--json")
    {
        Description = "One JSON object for each receipt, status or event, as the protocol writes it.",
        Recursive = true,
    };

    private static readonly Option<string?> Id = new("--id")
    {
        Description = "The command's name, at most 128 characters: sent again under it, it acts once. Default: a new one.",
        HelpName = "NAME",
    };

    private static readonly Option<long?> ExpectedRevision = new("--expect-revision")
    {
        Description = "Does nothing where the curriculum has another revision than this.",
        HelpName = "N",
        CustomParser = result => Arguments.Number<long>(result, value => value >= 0, "a whole number of at least 0"),
    };

    private static readonly Argument<string> Source = new("JSON")
    {
        Description = "Commands such as {\"command\":\"mixture\",\"weights\":{\"cot\":2}}, one after the other; or a file of them, or - "
            + "for standard input.",
    };

    private static readonly Option<string?> ApiKey = RecursiveApiKey();

    public static Command Create()
    {
        var command = new Command("tune", "Steers what the student of a running daemon is taught, and watches it.")
        {
            Address,
            ApiKey,
            AsJson,
        };
        command.Subcommands.Add(Calling("status", "Shows the curriculum as it stands.", StatusAsync));
        foreach (var (verb, read) in TuneVerbs.Create())
        {
            command.Subcommands.Add(Sending(verb, (parsed, _) => Task.FromResult<IReadOnlyList<CurriculumCommand>>([read(parsed)])));
        }

        var send = new Command("send", "Sends commands that are written as JSON.") { Source };
        command.Subcommands.Add(Sending(
            send, (parsed, cancellationToken) => CommandTexts.ReadAsync(parsed.GetValue(Source)!, Console.In, cancellationToken)));
        var watch = Calling(
            "watch", "Shows what happens, until Ctrl-C: a chart on a terminal, elsewhere a line for each event.", WatchAsync);
        watch.Options.Add(Interval);
        command.Subcommands.Add(watch);
        return command;
    }

    private static Command Calling(
        string name, string description, Func<ParseResult, CurriculumClient, CancellationToken, Task> call)
    {
        var command = new Command(name, description);
        command.SetAction((parsed, cancellationToken) => CallAsync(parsed, client => call(parsed, client, cancellationToken)));
        return command;
    }

    private static Command Sending(
        Command command, Func<ParseResult, CancellationToken, Task<IReadOnlyList<CurriculumCommand>>> read)
    {
        command.Options.Add(Id);
        command.Options.Add(ExpectedRevision);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            // What is wrong with the words is told before anybody is called.
            var commands = await read(parsed, cancellationToken);
            return await CallAsync(parsed, client => SendAsync(parsed, client, commands, cancellationToken));
        });
        return command;
    }

    private static Option<string?> RecursiveApiKey()
    {
        var option = Arguments.ApiKey();
        option.Recursive = true;
        return option;
    }

    private static Task<int> CallAsync(ParseResult parsed, Func<CurriculumClient, Task> call)
    {
        var address = Arguments.ReadAddress(parsed, Address);
        return ServerCalls.AtAsync(address, async () =>
        {
            using var client = new CurriculumClient(address, parsed.GetValue(ApiKey));
            await call(client);
            return ExitCodes.Done;
        });
    }

    private static async Task StatusAsync(ParseResult parsed, CurriculumClient client, CancellationToken cancellationToken)
    {
        var status = await client.StatusAsync(cancellationToken);
        if (parsed.GetValue(AsJson))
        {
            Console.Out.WriteLine(Json.Format(status));
        }
        else
        {
            Console.Out.Write(CurriculumText.Table(status));
        }
    }

    private static async Task SendAsync(
        ParseResult parsed, CurriculumClient client, IReadOnlyList<CurriculumCommand> commands, CancellationToken cancellationToken)
    {
        var (id, expected) = (parsed.GetValue(Id) ?? Guid.NewGuid().ToString("N"), parsed.GetValue(ExpectedRevision));
        for (var i = 0; i < commands.Count; i++)
        {
            var name = commands.Count == 1 ? id : $"{id}-{i + 1}";
            var receipt = await client.ApplyAsync(new CommandEnvelope(name, commands[i], expected), cancellationToken);

            // Each expects what the one before has made: nobody else's may come between.
            expected = expected is null ? null : (long)receipt.Revision;
            Console.Out.WriteLine(parsed.GetValue(AsJson) ? Json.Format(receipt) : CurriculumText.Receipt(receipt));
        }
    }

    private static async Task WatchAsync(ParseResult parsed, CurriculumClient client, CancellationToken cancellationToken)
    {
        var display = new WatchDisplay(AnsiConsole.Console, Console.Out, parsed.GetValue(AsJson), TimeProvider.System);
        var watch = new RunWatch(
            (request, end) => client.Service.Watch(request, cancellationToken: end), display.Say, TimeProvider.System);
        var request = new WatchRequest
        {
            IntervalMilliseconds = (uint)Math.Clamp(
                parsed.GetValue(Interval) * MillisecondsPerSecond, ShortestMilliseconds, LongestMilliseconds),
        };
        try
        {
            await display.RunAsync(watch.ReadAsync(request, cancellationToken));
        }
        catch (Exception e) when (e is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled }
            && cancellationToken.IsCancellationRequested)
        {
            // The end that was asked for.
        }
    }
}
