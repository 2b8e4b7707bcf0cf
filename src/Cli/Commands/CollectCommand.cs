using System.CommandLine;
using Orca.Cli.Collecting;
using Orca.Cli.Configuration;
using Orca.Cli.Daemon;
using Spectre.Console;

namespace Orca.Cli.Commands;

/// <summary><c>orca collect</c>: asks teachers until as many traces are accepted as are wanted. Trains and serves nobody.</summary>
internal static class CollectCommand
{
    private static readonly SettingFlags Flags = new(
        SettingFlag.Of("--run", "run.folder", "DIR"),
        SettingFlag.Of("--tasks", "tasks.sources", "SPEC,SPEC"),
        SettingFlag.Of("--teacher", "teacher.kind", "KIND"),
        SettingFlag.Of("--accept", "collect.accept", "N"),
        SettingFlag.Of("--candidates", "collect.candidates", "M"),
        SettingFlag.Of("--budget", "teacher.budget", "DOLLARS"),
        SettingFlag.Of("--max-minutes", "run.maxMinutes", "M"));

    private static readonly Option<bool> Preview = new("--preview")
    {
        Description = "Asks a few questions (collect.previewQuestions) and tells price, yield and time of the whole.",
    };

    public static Command Create()
    {
        var command = new Command(
            "collect", "Asks teachers until as many traces are accepted as are wanted, and keeps everything in the run's folder. Needs no "
                + "student. Ends with 0 only where that is so, else with the reason in the last line. Ctrl-C ends it cleanly; the same "
                + "command goes on where it stopped.");
        Flags.AddTo(command);
        command.Options.Add(Preview);
        command.SetAction(async (parsed, stop) =>
        {
            var settings = Flags.Load(parsed);
            settings = settings with
            {
                Run = settings.Run with { Roles = ["collect"] },
                // Nobody learns here.
                Curriculum = settings.Curriculum with { PracticeLessons = 0 },
            };
            return parsed.GetValue(Preview)
                ? await new CollectPreview(settings, Console.Out.WriteLine, TimeProvider.System).RunAsync(stop)
                : await CollectAsync(settings, stop);
        });
        return command;
    }

    private static async Task<int> CollectAsync(OrcaSettings settings, CancellationToken stop)
    {
        var code = await new DaemonRun(settings, AnsiConsole.Console, TimeProvider.System).RunAsync(stop);
        if (code == ExitCodes.Done)
        {
            // Unlike a daemon, which has no end of its own, it had something left to do.
            stop.ThrowIfCancellationRequested();
        }

        return code;
    }
}
