using System.CommandLine;
using System.CommandLine.Invocation;
using Orca.Cli.Daemon;

namespace Orca.Cli.Commands;

/// <summary>
/// The <c>orca</c> command. Exit code 0: done; 1: a check failed or something broke; 2: a mistake of the user's,
/// told in one sentence on standard error.
/// </summary>
internal static class OrcaCommand
{
    private static readonly InvocationConfiguration Own = new()
    {
        // Faults are told by UserFault, signals by Interrupts.
        EnableDefaultExceptionHandler = false,
        ProcessTerminationTimeout = null,
    };

    /// <summary>Every command there is.</summary>
    public static RootCommand Create() => new(
        "Orca: tasks stream to teachers, their answers become a curriculum, and a small student is trained on it and served while it learns.")
    {
        DaemonCommand.Create(),
        ServeCommand.Create(),
        GenerateCommand.Create(),
        ChatCommand.Create(),
        TuneCommand.Create(),
        KeysCommand.Create(),
        EvalCommand.Create(),
        ConvertCommand.Create(),
        BenchCommand.Create(),
        DoctorCommand.Create(),
    };

    /// <summary>Runs one command line.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var parsed = Create().Parse(arguments);
        if (parsed.Action is ParseErrorAction && parsed.Errors.Count > 0)
        {
            return UserFault.Tell(WrongArguments(parsed));
        }

        using var interrupts = new Interrupts();
        try
        {
            return await parsed.InvokeAsync(Own, interrupts.Token);
        }
        catch (OperationCanceledException) when (interrupts.Token.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
        catch (ServerStoppedException stopped)
        {
            // Its log has the rest.
            Console.Error.WriteLine(stopped.Message);
            return ExitCodes.Failed;
        }
        catch (Exception e) when (UserFault.SentenceOf(e) is { } sentence)
        {
            return UserFault.Tell(sentence);
        }
        catch (Exception e)
        {
            Console.Error.WriteLine($"Orca broke; this is a defect, please report it with what follows.{Environment.NewLine}{e}");
            return ExitCodes.Failed;
        }
    }

    private static string WrongArguments(ParseResult parsed)
    {
        var names = new List<string>();
        for (var command = parsed.CommandResult; command is not null; command = command.Parent as System.CommandLine.Parsing.CommandResult)
        {
            names.Insert(0, command.Command is RootCommand ? "orca" : command.Command.Name);
        }

        var line = string.Join(' ', names);
        // What was not understood says more than what is missing because of it.
        var fault = parsed.UnmatchedTokens is [var word, ..]
            ? $"'{word}' is no command, argument or option of '{line}'"
            : OneLine(parsed.Errors[0].Message).TrimEnd('.');
        return $"{fault}; see '{line} --help'.";
    }

    /// <summary>What the library spreads over several lines, such as the words that an option takes.</summary>
    private static string OneLine(string message) => string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
