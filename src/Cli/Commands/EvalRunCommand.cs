using System.CommandLine;
using Orca.Cli.Evaluating;
using Orca.Evaluation.Reports;

namespace Orca.Cli.Commands;

/// <summary><c>orca eval run</c>: asks a benchmark, keeps every answer, and reports what came of it.</summary>
internal static class EvalRunCommand
{
    private static readonly EvalRunFlags Flags = new();

    private static readonly Option<string?> Run = Folder();

    private static readonly Option<string?> SystemMessage = new("--system")
    {
        Description = "System message of every question. Default: the question's own; published benchmarks have none.",
        HelpName = "TEXT",
    };

    private static readonly Option<int> Print = new("--print-prompts")
    {
        Description = "Prints the exact prompts of so many questions of each task, and asks nobody. Default: 0.",
        HelpName = "N",
        CustomParser = result => Arguments.Number<int>(result, value => value >= 0, "a whole number of at least 0"),
    };

    public static Command Create()
    {
        var command = new Command("run", "Asks a benchmark through a server, an endpoint or in this process; goes on where it stopped.")
        {
            Run, SystemMessage, Print,
        };
        Flags.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    /// <summary>The folder of a run.</summary>
    public static Option<string?> Folder() => new("--run")
    {
        Description = "Folder of the run; where it holds one of the same plan, the run goes on. Default: a new one below evaluations.",
        HelpName = "DIR",
    };

    /// <summary>Asks a benchmark and prints the report.</summary>
    /// <param name="flags">Name who is asked.</param>
    /// <param name="asking">What is asked.</param>
    /// <param name="run">The run's folder; null for a new one.</param>
    /// <param name="parsed">The command line.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<int> AskAsync(
        EvalRunFlags flags, EvalAsking asking, string? run, ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var subject = await flags.SubjectAsync(parsed, asking.Settings, cancellationToken);
        var folder = run ?? asking.NewFolder;
        Console.Error.WriteLine(asking.Detectable);
        var (report, _) = await asking.AskAsync(subject, folder, cancellationToken);
        Console.Out.Write(MarkdownReport.Of(report));
        Console.Out.WriteLine($"\nrun {folder}");
        return ExitCodes.Done;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var asking = await Flags.ReadAsync(parsed, cancellationToken);
        asking = asking with { Options = asking.Options with { SystemMessage = parsed.GetValue(SystemMessage) } };
        if (parsed.GetValue(Print) is > 0 and var printed)
        {
            PromptText.Write(Console.Out, asking.Suite.Limited(printed), asking.Protocol, asking.Options);
            return ExitCodes.Done;
        }

        return await AskAsync(Flags, asking, parsed.GetValue(Run), parsed, cancellationToken);
    }
}
