using System.CommandLine;
using Orca.Evaluation.Recordings;
using Orca.Evaluation.Runs;

namespace Orca.Cli.Commands;

/// <summary><c>orca eval samples</c>: a run's answers in the form of lm-evaluation-harness.</summary>
internal static class EvalSamplesCommand
{
    private static readonly Argument<string> Run = new("RUN") { Description = "Folder of a run of 'orca eval run'." };

    private static readonly Option<string?> Folder = new("--folder")
    {
        Description = "Where the files are written. Default: the run's own folder.",
        HelpName = "DIR",
    };

    public static Command Create()
    {
        var command = new Command("samples", "Writes a run's answers as lm-evaluation-harness does, samples_TASK.jsonl.") { Run, Folder };
        command.SetAction(parsed =>
        {
            var run = parsed.GetRequiredValue(Run);
            foreach (var file in LmEvalSamples.Write(parsed.GetValue(Folder) ?? run, EvaluationFolder.Read(run)))
            {
                Console.Out.WriteLine(file);
            }

            return ExitCodes.Done;
        });
        return command;
    }
}
