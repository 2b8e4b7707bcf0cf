using System.CommandLine;
using Grpc.Core;
using Orca.Cli.Clients;
using Orca.Protocol.Curriculum.V1;

namespace Orca.Cli.Commands;

/// <summary><c>orca tune</c>: steers a running daemon's curriculum over its control stream.</summary>
internal static class TuneCommand
{
    private static readonly Argument<string?> Address = Arguments.Address();

    private static readonly Argument<string> Weights = new("WEIGHTS")
    {
        Description = "New weights, such as reasoning=2,cot=1; a collection that is not named keeps its weight.",
    };

    private static readonly Argument<string> Limits = new("LIMITS")
    {
        Description = "Largest values that pass, such as refusal=0.8,length=off; a screen that is not named keeps its limit.",
    };

    private static readonly Option<uint?> GateQuestions = new("--questions")
    {
        Description = "Held-out questions that each version is asked; 0 lets all through.",
        HelpName = "N",
        CustomParser = result => Arguments.Number<uint>(result, value => value <= 100_000, "a whole number from 0 to 100000"),
    };

    private static readonly Option<double?> GateLevel = new("--level")
    {
        Description = "How sure it must be that a version is worse, as evaluation.gateLevel.",
        HelpName = "NUMBER",
        CustomParser = result => Arguments.Number<double>(result, value => value is > 0 and <= 0.5, "a number above 0, to 0.5"),
    };

    private static readonly Option<double> Interval = Arguments.Interval();

    private static readonly Option<string?> ApiKey = RecursiveApiKey();

    public static Command Create()
    {
        var command = new Command("tune", "Steers what the student of a running daemon is taught.") { Address, ApiKey };
        command.Subcommands.Add(Verb("status", "Shows the curriculum as it stands.", _ => new TuneRequest { GetStatus = new GetStatus() }));
        command.Subcommands.Add(Verb(
            "pause", "Asks the teachers nothing more until 'resume'.", _ => new TuneRequest { Pause = new Pause() }));
        command.Subcommands.Add(Verb("resume", "Ends a pause.", _ => new TuneRequest { Resume = new Resume() }));
        command.Subcommands.Add(Verb(
            "publish", "Has the trainer publish a checkpoint after its current step.",
            _ => new TuneRequest { PublishNow = new PublishNow() }));
        var mixture = Verb("mixture", "Changes the share of each collection in the tasks asked from now on.", Mixture);
        mixture.Arguments.Add(Weights);
        command.Subcommands.Add(mixture);
        var screens = Verb("screens", "Sets limits of screens for the answers judged from now on.", Screens);
        screens.Arguments.Add(Limits);
        command.Subcommands.Add(screens);
        var gate = Verb("gate", "Sets how published versions are judged before they answer, from the next one on.", Gate);
        gate.Options.Add(GateQuestions);
        gate.Options.Add(GateLevel);
        command.Subcommands.Add(gate);
        var watch = new Command("watch", "Shows the curriculum again and again, until Ctrl-C.") { Interval };
        watch.SetAction((parsed, cancellationToken) => AtAsync(parsed, address => WatchAsync(address, parsed, cancellationToken)));
        command.Subcommands.Add(watch);
        return command;
    }

    private static Command Verb(string name, string description, Func<ParseResult, TuneRequest> request)
    {
        var command = new Command(name, description);
        command.SetAction((parsed, cancellationToken) => AtAsync(
            parsed, address => SendAsync(address, parsed, request(parsed), cancellationToken)));
        return command;
    }

    private static Option<string?> RecursiveApiKey()
    {
        var option = Arguments.ApiKey();
        option.Recursive = true;
        return option;
    }

    private static TuneRequest Mixture(ParseResult parsed)
    {
        var request = new TuneRequest { SetMixture = new SetMixture() };
        foreach (var (name, weight) in NumbersByName.Weights(parsed.GetValue(Weights)!))
        {
            request.SetMixture.Weights[name] = weight;
        }

        return request;
    }

    private static TuneRequest Screens(ParseResult parsed)
    {
        var request = new TuneRequest { SetScreens = new SetScreens() };
        foreach (var (name, limit) in NumbersByName.Limits(parsed.GetValue(Limits)!))
        {
            request.SetScreens.Limits[name] = limit;
        }

        return request;
    }

    private static TuneRequest Gate(ParseResult parsed)
    {
        var request = new TuneRequest { SetGate = new SetGate() };
        if (parsed.GetValue(GateQuestions) is { } questions)
        {
            request.SetGate.Questions = questions;
        }

        if (parsed.GetValue(GateLevel) is { } level)
        {
            request.SetGate.Level = level;
        }

        return request;
    }

    private static Task<int> AtAsync(ParseResult parsed, Func<Uri, Task<int>> calls)
    {
        var address = Arguments.ReadAddress(parsed, Address);
        return ServerCalls.AtAsync(address, () => calls(address));
    }

    private static async Task<int> SendAsync(Uri address, ParseResult parsed, TuneRequest request, CancellationToken cancellationToken)
    {
        using var channel = ServerAddress.Open(address, parsed.GetValue(ApiKey));
        using var call = new CurriculumService.CurriculumServiceClient(channel).Tune(cancellationToken: cancellationToken);
        request.CommandId = Guid.NewGuid().ToString("N");
        await WriteAsync(call, request, cancellationToken);
        if (!await call.ResponseStream.MoveNext(cancellationToken))
        {
            throw new CommandException("The server ended the control stream without an answer; is it shutting down?");
        }

        await call.RequestStream.CompleteAsync();
        return Show(call.ResponseStream.Current);
    }

    private static async Task<int> WatchAsync(Uri address, ParseResult parsed, CancellationToken cancellationToken)
    {
        using var channel = ServerAddress.Open(address, parsed.GetValue(ApiKey));
        using var call = new CurriculumService.CurriculumServiceClient(channel).Tune(cancellationToken: cancellationToken);
        var milliseconds = (uint)Math.Clamp(parsed.GetValue(Interval) * 1000, 100, 60_000);
        try
        {
            await WriteAsync(call, new TuneRequest { Watch = new Watch { IntervalMilliseconds = milliseconds } }, cancellationToken);
            while (await call.ResponseStream.MoveNext(cancellationToken))
            {
                if (call.ResponseStream.Current is { ReplyCase: TuneResponse.ReplyOneofCase.Status } update)
                {
                    Console.Out.WriteLine(CurriculumText.Line(update.Status));
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled }
            && cancellationToken.IsCancellationRequested)
        {
            return ExitCodes.Done;
        }

        return ExitCodes.Done;
    }

    private static async Task WriteAsync(
        AsyncDuplexStreamingCall<TuneRequest, TuneResponse> call, TuneRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await call.RequestStream.WriteAsync(request, cancellationToken);
        }
        catch (Exception e) when (e is InvalidOperationException or RpcException)
        {
            // The call has ended already: reading tells why.
            await call.ResponseStream.MoveNext(cancellationToken);
        }
    }

    private static int Show(TuneResponse response)
    {
        switch (response.ReplyCase)
        {
            case TuneResponse.ReplyOneofCase.Acknowledged:
                Console.Out.WriteLine($"done, revision {response.Acknowledged.Revision}");
                return ExitCodes.Done;
            case TuneResponse.ReplyOneofCase.Status:
                Console.Out.Write(CurriculumText.Table(response.Status));
                return ExitCodes.Done;
            case TuneResponse.ReplyOneofCase.Rejected:
                throw new CommandException(response.Rejected.Reason);
            default:
                throw new CommandException("The server sent a reply this command does not know; is it of this version?");
        }
    }
}
