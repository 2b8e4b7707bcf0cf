using System.CommandLine;
using Orca.Cli.Daemon;
using Orca.Cli.Display;

namespace Orca.Cli.Commands;

/// <summary>
/// The <c>orca</c> command. Exit code 0: done; 1: a check failed or something broke; 2: a mistake of the user's,
/// told in one sentence on standard error; 128 and the number of a signal that ended what had something left to do, 130 for Ctrl-C.
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
        "Orca: tasks stream to teachers, their answers become a curriculum, and a small student is trained on it and served while it "
            + "learns.")
    {
        DaemonCommand.Create(),
        CollectCommand.Create(),
        ServeCommand.Create(),
        GenerateCommand.Create(),
        ChatCommand.Create(),
        TuneCommand.Create(),
        TeacherCommand.Create(),
        KeysCommand.Create(),
        TasksCommand.Create(),
        TracesCommand.Create(),
        DataCommand.Create(),
        EvalCommand.Create(),
        ExperimentCommand.Create(),
        ConvertCommand.Create(),
        DiffCommand.Create(),
        BenchCommand.Create(),
        DoctorCommand.Create(),
    };

    /// <summary>Runs one command line.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var (parsed, fault) = CommandLine.Read(Create(), arguments);
        if (fault is not null)
        {
            return UserFault.Tell(fault);
        }

        TerminalWriter.Install();
        using var interrupts = new Interrupts();
        using var parent = ParentWatch.Begin(interrupts.Ask);
        try
        {
            return await parsed.InvokeAsync(Own, interrupts.Token);
        }
        catch (Exception e) when (interrupts.Caused(e))
        {
            return interrupts.ExitCode;
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
}
