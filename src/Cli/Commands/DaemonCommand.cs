using System.CommandLine;
using Orca.Cli.Configuration;
using Orca.Cli.Daemon;
using Spectre.Console;

namespace Orca.Cli.Commands;

/// <summary><c>orca daemon</c>: collects, trains and serves.</summary>
internal static class DaemonCommand
{
    private static readonly SettingFlags Flags = new(
        SettingFlag.Of("--run", "run.folder", "DIR"),
        SettingFlag.Of("--roles", "run.roles", "ROLE,ROLE"),
        SettingFlag.Of("--tasks", "tasks.sources", "SPEC,SPEC"),
        SettingFlag.Of("--teacher", "teacher.kind", "KIND"),
        SettingFlag.Of("--student", "student.folder", "FOLDER"),
        SettingFlag.Of("--plan", "training.plan", "PLAN"),
        SettingFlag.Of("--max-steps", "run.maxSteps", "N"),
        SettingFlag.Of("--max-minutes", "run.maxMinutes", "M"),
        SettingFlag.Of("--device", "run.device", "DEVICE"),
        SettingFlag.Of("--port", "serving.port", "PORT"));

    public static Command Create()
    {
        var command = new Command(
            "daemon", "Runs the main job: tasks stream to teachers, their answers become a curriculum, a student is trained on it and "
                + "served while it learns. "
            + "Without any settings it works by itself: built-in tasks, built-in teacher, a small student. Ctrl-C ends it cleanly; the "
                + "same command goes on where it stopped.");
        Flags.AddTo(command);
        command.SetAction((parsed, cancellationToken) =>
            new DaemonRun(Flags.Load(parsed), AnsiConsole.Console, TimeProvider.System).RunAsync(cancellationToken));
        return command;
    }
}
