using System.Collections.Immutable;
using System.CommandLine;
using Orca.Cli.Configuration;
using Orca.Cli.Daemon;
using Orca.Cli.Teacher;
using Orca.Cli.Teacher.Faults;
using Orca.Streams.Tasks;

namespace Orca.Cli.Commands;

/// <summary><c>orca teacher</c>: the built-in solver as an endpoint to try collecting against.</summary>
internal static class TeacherCommand
{
    private const int DefaultPort = 5280;

    private static readonly Argument<string?> File = new("FILE")
    {
        Description = "JSON file that describes models, keys, quotas, prices, latencies and faults; see docs/teacher.md. Default: the "
            + "solver as 'solver-assistant' and 'solver-expert', free, at once and without faults.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<int> Port = new("--port")
    {
        Description = $"Port on 127.0.0.1; 0 takes a free one. Default: {DefaultPort}.",
        HelpName = "PORT",
        DefaultValueFactory = _ => DefaultPort,
        CustomParser = result => Arguments.Number<int>(result, value => value is >= 0 and <= 65_535, "a port, 0 to 65535"),
    };

    private static readonly Option<string[]> Fault = new("--fault")
    {
        Description = "A fault and which calls meet it, besides those of the file; may be given several times. What narrows it: model, "
            + "matching, probability, every, times, after, fromSeconds, untilSeconds; pauseSeconds is what it asks for. One of "
            + $"{string.Join(", ", FaultKind.All.Select(kind => kind.Name))}.",
        HelpName = "FAULT[,KEY=VALUE…]",
    };

    private static readonly Option<double?> TimeScale = new("--time-scale")
    {
        Description = "How many times faster than the clock its minutes pass. Default: the file's, else 1.",
        HelpName = "NUMBER",
        CustomParser = result => Arguments.Number<double>(result, value => value is > 0 and <= 100_000, "a number above 0, to 100000"),
    };

    private static readonly Option<string?> BooksFile = new("--books")
    {
        Description = "File that its books are written to at the end, and gone on with at the next start. Default: none; GET /books shows "
            + "them.",
        HelpName = "FILE",
    };

    private static readonly Option<string?> StateFolder = new("--state")
    {
        Description = "Folder of its files and batches, gone on with at the next start. Default: none is kept.",
        HelpName = "DIR",
    };

    private static readonly SettingFlags Flags = new(SettingFlag.Of("--tasks", "tasks.sources", "SPEC,SPEC"));

    public static Command Create()
    {
        var command = new Command(
            "teacher",
            "Serves the built-in solver as an OpenAI-compatible endpoint on loopback, with quotas, latencies, prices, books and faults, to "
                + "try collecting against. It knows the questions of tasks.sources under run.seed: give the same settings to whoever asks. "
                + "Until Ctrl-C.") { File };
        command.Options.Add(Port);
        command.Options.Add(Fault);
        command.Options.Add(TimeScale);
        command.Options.Add(BooksFile);
        command.Options.Add(StateFolder);
        Flags.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var settings = Flags.Load(parsed);
        var description = DescriptionOf(parsed);
        var faults = new Progress<SourceFault>(fault => Console.Error.WriteLine($"{fault.File}:{fault.Line}: {fault.Message}"));
        var questions = await QuestionIndex.OpenAsync(
            RunInputs.SourcesOf(settings, faults, cancellationToken: cancellationToken), description.QuestionsAhead, faults,
            cancellationToken);
        await using var host = await TeacherHost.StartAsync(
            description, questions,
            new TeacherPlace
            {
                Port = parsed.GetValue(Port),
                BooksFile = parsed.GetValue(BooksFile),
                StateFolder = parsed.GetValue(StateFolder),
            },
            TimeProvider.System, cancellationToken);
        Console.Out.WriteLine($"OpenAI-compatible HTTP on {host.Endpoint}v1");
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Console.Out.WriteLine("stopping");
        }

        return ExitCodes.Done;
    }

    private static TeacherDescription DescriptionOf(ParseResult parsed)
    {
        var file = parsed.GetValue(File);
        var description = file is null ? new TeacherDescription() : DescriptionFile.Read(file);
        return DescriptionFile.Check(
            description with
            {
                TimeScale = parsed.GetValue(TimeScale) ?? description.TimeScale,
                Faults = description.Faults.AddRange((parsed.GetValue(Fault) ?? []).Select(DescriptionFile.Rule)),
            },
            file is null ? "these flags" : $"'{file}'");
    }
}
