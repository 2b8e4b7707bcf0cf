using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Orca.Cli.Clients;
using Orca.Cli.Configuration;
using Orca.Cli.Daemon;
using Orca.Cli.Display;
using Orca.Serving.Hosting;
using Orca.Serving.Requests;
using Wire = Orca.Protocol.Inference.V1;

namespace Orca.Cli.Commands;

/// <summary><c>orca generate</c>: answers one prompt in this process; standard output is the text and nothing else.</summary>
internal static class GenerateCommand
{
    private static readonly Argument<string?> Model = new("MODEL")
    {
        Description = "A model's folder or GGUF file, or a folder of checkpoints whose newest one answers; left away with --server.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string?> Server = new("--server")
    {
        Description = "Asks the server at this address instead of a model in this process.",
        HelpName = "ADDRESS",
    };

    private static readonly Option<string?> ApiKey = Arguments.ApiKey();

    private static readonly Option<string?> Prompt = new("--prompt")
    {
        Description = "The question, put in the model's prompt template. Default: the start token alone.",
        HelpName = CommandLine.Text,
    };

    private static readonly Option<string> System = new("--system")
    {
        Description = "System message that says how to answer.",
        HelpName = CommandLine.Text,
        DefaultValueFactory = _ => "",
    };

    private static readonly Option<bool> Raw = new("--raw")
    {
        Description = "Continues the prompt as it stands, without the prompt template.",
    };

    private static readonly Option<ulong?> Seed = Arguments.Seed();

    private static readonly Option<float> Temperature = Arguments.Temperature(1);

    private static readonly Option<float> TopP = Arguments.TopP();

    private static readonly Option<int?> MaxTokens = Arguments.MaxTokens();

    private static readonly SettingFlags Flags = new(SettingFlag.Of("--device", "run.device", "DEVICE"));

    public static Command Create()
    {
        var command = new Command("generate", "Generates one text, in this process or at a server, and prints it and nothing else.")
        {
            Model, Server, ApiKey, Prompt, System, Raw, Temperature, TopP, MaxTokens, Seed,
        };
        Flags.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        switch (parsed.GetValue(Model), parsed.GetValue(Server))
        {
            case (null, { } address):
                var server = ServerAddress.Parse(address);
                return await ServerCalls.AtAsync(server, () => PrintAsync(
                    RemoteTexts.StreamAsync(server, parsed.GetValue(ApiKey), Spec(parsed), cancellationToken), cancellationToken));
            case ({ } model, null):
                return await HereAsync(parsed, model, cancellationToken);
            default:
                throw new CommandException("Give either a model, or the address of a server with --server; see 'orca generate --help'.");
        }
    }

    private static async Task<int> HereAsync(ParseResult parsed, string model, CancellationToken cancellationToken)
    {
        var settings = Flags.Load(parsed);
        await using var server = await Abandonable.RunAsync(
            () => StudentServer.OpenAsync(
                ModelFolder.Newest(model), ServingSide.EngineOptionsOf(settings), NullLoggerFactory.Instance,
                cancellationToken: cancellationToken),
            cancellationToken);
        if (server.Template is { IsGuess: true } guess && parsed.GetValue(Prompt) is not null && !parsed.GetValue(Raw))
        {
            await Console.Error.WriteLineAsync(TemplateNotice.Of(guess));
        }

        var events = server.Engine.StreamAsync(Request(parsed), cancellationToken);
        return await PrintAsync(events.OfType<GenerationEvent.Delta>().Select(delta => delta.Text), cancellationToken);
    }

    private static async Task<int> PrintAsync(IAsyncEnumerable<string> texts, CancellationToken cancellationToken)
    {
        using var output = new StreamWriter(Console.OpenStandardOutput(), new global::System.Text.UTF8Encoding(false));
        await foreach (var text in texts)
        {
            await output.WriteAsync(text);
            await output.FlushAsync(cancellationToken);
        }

        return ExitCodes.Done;
    }

    private static Wire.GenerationSpec Spec(ParseResult parsed)
    {
        var sampling = new Wire.SamplingParams { Temperature = parsed.GetValue(Temperature), TopP = parsed.GetValue(TopP) };
        var spec = new Wire.GenerationSpec { Sampling = sampling, Stopping = new Wire.StoppingParams() };
        if (parsed.GetValue(Seed) is { } seed)
        {
            sampling.Seed = seed;
        }

        if (parsed.GetValue(MaxTokens) is { } limit)
        {
            spec.Stopping.MaxTokens = (uint)limit;
        }

        if (parsed.GetValue(Prompt) is { } prompt && !parsed.GetValue(Raw))
        {
            spec.Chat = new Wire.ChatPrompt { SystemMessage = parsed.GetValue(System), UserMessage = prompt };
        }
        else
        {
            spec.Text = parsed.GetValue(Prompt) ?? "";
        }

        return spec;
    }

    private static GenerationRequest Request(ParseResult parsed) => new()
    {
        Prompt = PromptOf(parsed.GetValue(Prompt), parsed.GetValue(System)!, parsed.GetValue(Raw)),
        Sampling = new SamplingOptions
        {
            Temperature = parsed.GetValue(Temperature),
            TopP = parsed.GetValue(TopP),
            Seed = parsed.GetValue(Seed),
        },
        Stopping = new StoppingOptions { MaxTokens = parsed.GetValue(MaxTokens) },
    };

    private static PromptInput PromptOf(string? prompt, string system, bool raw) => prompt switch
    {
        null => new PromptInput.PlainText(""),
        _ when raw => new PromptInput.PlainText(prompt),
        _ => new PromptInput.Chat(system, prompt),
    };
}
