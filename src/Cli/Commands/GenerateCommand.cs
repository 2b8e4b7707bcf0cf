using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Orca.Cli.Configuration;
using Orca.Cli.Daemon;
using Orca.Serving.Hosting;
using Orca.Serving.Requests;

namespace Orca.Cli.Commands;

/// <summary><c>orca generate</c>: answers one prompt in this process; standard output is the text and nothing else.</summary>
internal static class GenerateCommand
{
    private static readonly Argument<string> Model = new("MODEL")
    {
        Description = "A model's folder or GGUF file, or a folder of checkpoints whose newest one answers.",
    };

    private static readonly Option<string?> Prompt = new("--prompt")
    {
        Description = "The question, put in the model's prompt template. Default: the start token alone.",
        HelpName = "TEXT",
    };

    private static readonly Option<string> System = new("--system")
    {
        Description = "System message that says how to answer.",
        HelpName = "TEXT",
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
        var command = new Command("generate", "Generates one text in this process, and prints it and nothing else.")
        {
            Model, Prompt, System, Raw, Temperature, TopP, MaxTokens, Seed,
        };
        Flags.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var settings = Flags.Load(parsed);
        await using var server = await StudentServer.OpenAsync(
            ModelFolder.Newest(parsed.GetRequiredValue(Model)), ServingSide.EngineOptionsOf(settings), NullLoggerFactory.Instance, cancellationToken: cancellationToken);
        using var output = new StreamWriter(Console.OpenStandardOutput(), new global::System.Text.UTF8Encoding(false));
        await foreach (var happened in server.Engine.StreamAsync(Request(parsed), cancellationToken))
        {
            if (happened is GenerationEvent.Delta delta)
            {
                await output.WriteAsync(delta.Text);
                await output.FlushAsync(cancellationToken);
            }
        }

        return ExitCodes.Done;
    }

    private static GenerationRequest Request(ParseResult parsed) => new()
    {
        Prompt = PromptOf(parsed.GetValue(Prompt), parsed.GetValue(System)!, parsed.GetValue(Raw)),
        Sampling = new SamplingOptions { Temperature = parsed.GetValue(Temperature), TopP = parsed.GetValue(TopP), Seed = parsed.GetValue(Seed) },
        Stopping = new StoppingOptions { MaxTokens = parsed.GetValue(MaxTokens) },
    };

    private static PromptInput PromptOf(string? prompt, string system, bool raw) => prompt switch
    {
        null => new PromptInput.PlainText(""),
        _ when raw => new PromptInput.PlainText(prompt),
        _ => new PromptInput.Chat(system, prompt),
    };
}
