using System.CommandLine;
using Microsoft.Extensions.Logging;
using Orca.Cli.Daemon;
using Orca.Cli.Display;
using Orca.Model.Checkpoints;
using Orca.Serving.Checkpoints;

namespace Orca.Cli.Commands;

/// <summary><c>orca serve</c>: serves a model, or the newest checkpoint of a run as it appears.</summary>
internal static class ServeCommand
{
    private static readonly Argument<string> Model = new("MODEL")
    {
        Description = "A model's folder or GGUF file, or a folder of checkpoints whose newest one is served, now and whenever another "
            + "one appears.",
    };

    private static readonly SettingFlags Flags = new(
        SettingFlag.Of("--address", "serving.address", "IP"),
        SettingFlag.Of("--port", "serving.port", "PORT"),
        SettingFlag.Of("--http-port", "serving.httpPort", "PORT"),
        SettingFlag.Of("--weights", "serving.weights", "FORMAT"),
        SettingFlag.Of("--cache", "serving.cache", "FORMAT"),
        SettingFlag.Of("--threads", "serving.threads", "N"),
        SettingFlag.Of("--device", "run.device", "DEVICE"));

    public static Command Create()
    {
        var command = new Command("serve", "Serves a student on gRPC until Ctrl-C.") { Model };
        Flags.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var settings = Flags.Load(parsed);
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(new DisplayLogger(
            line => Console.Out.WriteLine(TerminalText.Harmless(line)))));
        var model = parsed.GetRequiredValue(Model);
        await using var serving = await ServingSide.OpenAsync(model, settings, loggers, cancellationToken);
        Console.Out.WriteLine($"serving on {serving.Endpoint.Authority}");
        Console.Out.WriteLine($"OpenAI-compatible HTTP on {serving.HttpEndpoint}v1");
        if (IsEmpty(model))
        {
            Console.Out.WriteLine($"no checkpoint yet in {model}; the first that appears is served");
        }

        await WaitAsync(
            serving.Versions, serving.Completion, () => serving.Template is { } template ? TemplateNotice.Of(template) : null, Console.Out,
            cancellationToken);
        return ExitCodes.Done;
    }

    /// <summary>Tells which version answers, until it is cancelled.</summary>
    /// <param name="versions">Those that there are.</param>
    /// <param name="completion">Ends, faulted, where the server breaks; that ends the waiting.</param>
    /// <param name="notice">What is to be said of the version that answers, once for as long as it is the same; null for nothing.</param>
    /// <param name="output">Where it is told.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    internal static async Task WaitAsync(
        VersionRegistry versions, Task completion, Func<string?> notice, TextWriter output, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var telling = TellAsync(versions, notice, output, ended.Token);
        try
        {
            if (await Task.WhenAny(telling, completion) == completion)
            {
                await ended.CancelAsync();
                await completion;
            }

            await telling;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            output.WriteLine("stopping");
        }
    }

    private static bool IsEmpty(string model) =>
        !Checkpoint.IsModel(model)
            && new[] { model, Path.Combine(model, "checkpoints") }.All(folder => new CheckpointRoot(folder).List().Count == 0);

    private static async Task TellAsync(
        VersionRegistry versions, Func<string?> notice, TextWriter output, CancellationToken cancellationToken)
    {
        var (told, noticed) = (0L, (string?)null);
        await foreach (var version in versions.WatchAsync(0, cancellationToken))
        {
            if (version.State != VersionState.Active || version.Number == told)
            {
                continue;
            }

            told = version.Number;
            output.WriteLine($"version {version.Number} answers ({version.Checkpoint})");
            if (notice() is { } now && now != noticed)
            {
                noticed = now;
                output.WriteLine(now);
            }
        }
    }
}
