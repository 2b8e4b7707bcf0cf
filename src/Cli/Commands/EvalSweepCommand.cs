using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Orca.Cli.Evaluating;
using Orca.Evaluation.Reports;
using Orca.Evaluation.Runs;
using Orca.Streams.Tasks;

namespace Orca.Cli.Commands;

/// <summary><c>orca eval sweep</c>: the same benchmark under every system message, and how much of a score is the message.</summary>
internal static class EvalSweepCommand
{
    private static readonly EvalRunFlags Flags = new();

    private static readonly Option<string?> Messages = new("--messages")
    {
        Description = "JSON file of system messages, as tasks.systemMessagesFile. Default: the built-in sixteen.",
        HelpName = "FILE",
    };

    private static readonly Option<string?> Run = new("--run")
    {
        Description = "Folder of the runs, one for each message; what was asked before is not asked again. Default: a new one below "
            + "evaluations.",
        HelpName = "DIR",
    };

    public static Command Create()
    {
        var command = new Command("sweep", "Asks a benchmark under every system message, and tells how much of a score is the message.")
        {
            Run, Messages,
        };
        Flags.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var asking = await Flags.ReadAsync(parsed, cancellationToken);
        ImmutableArray<SystemMessage> messages =
        [
            .. (parsed.GetValue(Messages) is { } file ? new SystemMessages(SystemMessageFile.Read(file)).All : BuiltIn(asking.Suite.Name))
                .DistinctBy(message => message.Text),
        ];
        if (asking.Protocol.Fault(asking.Options with { SystemMessage = "any" }) is { } fault)
        {
            throw new CommandException(fault);
        }

        var folder = parsed.GetValue(Run) ?? asking.NewFolder;
        await using var subject = await Flags.SubjectAsync(parsed, asking.Settings, cancellationToken);
        var runs = new List<(string, ImmutableArray<ItemRecord>)>();
        foreach (var (place, message) in messages.Index())
        {
            Console.Error.WriteLine($"message {place + 1} of {messages.Length}: {message.Id}");
            var under = asking with { Options = asking.Options with { SystemMessage = message.Text } };
            var (_, records) = await under.AskAsync(subject, Path.Combine(folder, $"message-{place + 1}"), cancellationToken);
            runs.Add((message.Id, records));
        }

        Write(MessageSweep.Of(runs), Console.Out);
        Console.Out.WriteLine($"\nruns {folder}");
        return ExitCodes.Done;
    }

    // Those of the built-in questions stand beside the sixteen.
    private static IEnumerable<SystemMessage> BuiltIn(string suite) => SystemMessages.BuiltIn.Where(
        message => message.UsedFor.SequenceEqual([ReasoningTasks.Collection]) == (suite == ReasoningTasks.Collection));

    private static void Write(MessageSweep sweep, TextWriter output)
    {
        output.WriteLine("| message | mean of the tasks | without an answer |\n|---|---:|---:|");
        foreach (var (message, mean, failures) in sweep.Messages)
        {
            output.WriteLine($"| {message} | {Percent(mean)} | {Percent(failures)} |");
        }

        output.WriteLine("\n| task | best message | under it | under the worst | chosen by the other half |\n|---|---|---:|---:|---:|");
        foreach (var task in sweep.Tasks)
        {
            output.WriteLine(
                $"| {task.Task} | {task.BestMessage} | {Percent(task.Best)} | {Percent(task.Worst)} | {Percent(task.ChosenBeforehand)} |");
        }

        output.WriteLine($"\nThe best message of each task: {Percent(sweep.BestOfEach)} %; chosen by other questions than it is scored by: "
            + $"{Percent(sweep.ChosenBeforehand)} %. Between the best and the worst message lie {Percent(sweep.Spread)} points.");
    }

    private static string Percent(double share) => (100 * share).ToString("F1", CultureInfo.InvariantCulture);
}
