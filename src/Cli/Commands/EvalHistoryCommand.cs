using System.CommandLine;
using Orca.Cli.Daemon;
using Orca.Evaluation.Reports;
using Orca.Evaluation.Runs;

namespace Orca.Cli.Commands;

/// <summary><c>orca eval history</c>: how the published versions of a run were examined.</summary>
internal static class EvalHistoryCommand
{
    private static readonly Argument<string> Run = new("RUN")
    {
        Description = "Folder of a run of 'orca daemon' that has trained and served.",
    };

    public static Command Create()
    {
        var command = new Command("history", "Shows how every published version of a run was examined, and where it is charted.") { Run };
        command.SetAction(parsed =>
        {
            var reports = new RunFolder(parsed.GetRequiredValue(Run)).Reports;
            Console.Out.Write(VersionHistory.Markdown(VersionExamination.Read(Path.Combine(reports, ExaminationGate.FileName))));
            Console.Out.WriteLine($"\nchart {Path.Combine(reports, ExaminationGate.PageName)}");
            return ExitCodes.Done;
        });
        return command;
    }
}
