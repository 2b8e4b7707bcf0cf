using System.CommandLine;
using Orca.Cli.Doctor;
using TorchSharp;

namespace Orca.Cli.Commands;

/// <summary><c>orca doctor</c>: looks over the machine and tries what Orca needs.</summary>
internal static class DoctorCommand
{
    private static readonly SettingFlags Flags = new(
        SettingFlag.Of("--device", "run.device", "DEVICE"),
        SettingFlag.Of("--run", "run.folder", "DIR"));

    public static Command Create()
    {
        var command = new Command("doctor", "Looks over machine, tensor library, disk and numbers. Exit code 1 where something fails.");
        Flags.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var settings = Flags.Load(parsed);
        var examination = new Examination(Devices.Open(settings.Run.Device), settings.Run.Folder);
        var (section, failures) = ("", 0);
        // An examination that is left between two findings leaves nothing behind.
        var findings = examination.Findings().GetEnumerator();
        while (await Abandonable.RunAsync(findings.MoveNext, cancellationToken))
        {
            var finding = findings.Current;
            if (finding.Section != section)
            {
                Console.Out.WriteLine(finding.Section);
                section = finding.Section;
            }

            Console.Out.WriteLine($"  {(finding.Passed ? "ok  " : "FAIL")} {finding.Name,-22} {finding.Value}");
            failures += finding.Passed ? 0 : 1;
        }

        Console.Out.WriteLine(failures == 0 ? "All is well." : $"{failures} of the checks failed; see the lines marked FAIL.");
        return failures == 0 ? ExitCodes.Done : ExitCodes.Failed;
    }
}
