using System.CommandLine;
using Orca.Cli.Collecting;
using Orca.Cli.Configuration;
using Orca.Cli.Daemon;

namespace Orca.Cli.Commands;

/// <summary><c>orca tasks</c>: lists what would be asked, before a call is paid.</summary>
internal static class TasksCommand
{
    private static readonly SettingFlags Flags = new(
        SettingFlag.Of("--run", "run.folder", "DIR"),
        SettingFlag.Of("--tasks", "tasks.sources", "SPEC,SPEC"),
        SettingFlag.Of("--student", "student.folder", "DIR"),
        SettingFlag.Of("--teacher", "teacher.kind", "KIND"),
        SettingFlag.Of("--evaluation-sets", "tasks.evaluationSets", "NAME=PATH,PATH"));

    private static readonly Option<int> Sample = new("--sample")
    {
        Description = "Questions that are drawn, as a run draws them, to tell what becomes of them. Default: 2000.",
        HelpName = "N",
        DefaultValueFactory = _ => 2_000,
        CustomParser = result => Arguments.Number<int>(result, value => value is >= 1 and <= 10_000_000, "a whole number of at least 1"),
    };

    private static readonly Option<bool> Json = new("--json") { Description = "Prints everything as a JSON object." };

    public static Command Create()
    {
        var command = new Command(
            "tasks", "Lists what would be asked before a call is paid: questions by collection and task, system messages, lengths in "
                + "tokens of the student, what would be left out and why, prices by endpoint.");
        Flags.AddTo(command);
        command.Options.Add(Sample);
        command.Options.Add(Json);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var settings = Flags.Load(parsed);
        settings = settings with { Run = settings.Run with { Roles = ["collect"] } };
        var faults = new FaultReport(Console.Error.WriteLine, () => { });
        var indexing = new IndexingReport(Console.Error.WriteLine, TimeProvider.System);
        var folder = new RunFolder(settings.Run.Folder);
        var inputs = await Abandonable.RunAsync(
            () => RunInputs.Open(folder, settings, faults, indexing, cancellationToken: cancellationToken), cancellationToken);
        if (settings.Tasks.EvaluationSets.IsEmpty)
        {
            Console.Error.WriteLine(RunScreens.NoEvaluationSets);
        }

        var (student, latest) = StudentChoice.Make(folder, settings.Student);
        inputs = inputs with { Student = student, Latest = latest };
        var survey = await TaskSurvey.OfAsync(inputs, settings, parsed.GetValue(Sample), cancellationToken);
        Console.Out.Write(parsed.GetValue(Json) ? TaskSurveyText.ToJson(survey) + Environment.NewLine : TaskSurveyText.Table(survey));
        return ExitCodes.Done;
    }
}
