using System.CommandLine;
using Orca.Streams.Tasks;

namespace Orca.Cli.Commands;

/// <summary><c>orca eval</c>: examines a student; by itself on held-out built-in tasks, as <c>orca eval run reasoning</c> does.</summary>
internal static class EvalCommand
{
    private static readonly EvalRunFlags Flags = new(ReasoningTasks.Collection);

    private static readonly Option<string?> Run = EvalRunCommand.Folder();

    public static Command Create()
    {
        var command = new Command("eval", "Examines a student on built-in tasks that no student is trained on.") { Run };
        Flags.AddTo(command);
        command.Add(EvalRunCommand.Create());
        command.Add(EvalSweepCommand.Create());
        command.Add(EvalCompareCommand.Create());
        command.Add(EvalJudgeCommand.Create());
        command.Add(EvalBaselinesCommand.Create());
        command.Add(EvalRescoreCommand.Create());
        command.Add(EvalHistoryCommand.Create());
        command.Add(EvalSamplesCommand.Create());
        command.Add(EvalCertificateCommand.Create());
        command.SetAction(async (parsed, cancellationToken) => await EvalRunCommand.AskAsync(
            Flags, await Flags.ReadAsync(parsed, cancellationToken), parsed.GetValue(Run), parsed, cancellationToken));
        return command;
    }
}
