using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Orca.Cli.Clients;
using Orca.Cli.Configuration;
using Orca.Cli.Daemon;
using Orca.Evaluation.Reports;
using Orca.Evaluation.Runs;
using Orca.Evaluation.Subjects;
using Orca.Protocol.Inference.V1;
using Orca.Serving.Hosting;
using Orca.Streams.Tasks;

namespace Orca.Cli.Commands;

/// <summary><c>orca eval</c>: examines a student on held-out built-in tasks, through a server or in this process.</summary>
internal static class EvalCommand
{
    private static readonly Argument<string?> Address = Arguments.Address();

    private static readonly Option<string?> Model = new("--model")
    {
        Description = "A model's folder, or a folder of checkpoints, examined in this process instead of through a server.",
        HelpName = "FOLDER",
    };

    private static readonly Option<string> Reports = new("--reports")
    {
        Description = "Folder the report is written to, as JSON. Default: reports.",
        HelpName = "DIR",
        DefaultValueFactory = _ => "reports",
    };

    private static readonly SettingFlags Flags = new(
        SettingFlag.Of("--questions", "evaluation.questionsPerTask", "N"),
        SettingFlag.Of("--max-tokens", "evaluation.maxTokens", "TOKENS"),
        SettingFlag.Of("--device", "run.device", "DEVICE"));

    public static Command Create()
    {
        var command = new Command("eval", "Examines a student on built-in tasks that no student is trained "
            + "on.") { Address, Model, Reports };
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
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var settings = Flags.Load(parsed);
        // Before the examination: its report would be lost in a folder that cannot be made.
        Directory.CreateDirectory(parsed.GetRequiredValue(Reports));
        var report = parsed.GetValue(Model) is { } folder
            ? await InProcessAsync(folder, settings, cancellationToken)
            : await RemoteAsync(Arguments.ReadAddress(parsed, Address), settings, cancellationToken);
        Console.Out.Write(ReportTable.Render(report));
        Console.Out.WriteLine($"report {ReportFile.Write(parsed.GetValue(Reports)!, report)}");
        return ExitCodes.Done;
    }

    private static Task<ExamReport> RemoteAsync(Uri address, OrcaSettings settings, CancellationToken cancellationToken) =>
        ServerCalls.AtAsync(address, async () =>
        {
            using var channel = ServerAddress.Open(address);
            var student = new RemoteStudent(new InferenceService.InferenceServiceClient(channel), address.Authority);
            return await ExamineAsync(student, settings, cancellationToken);
        });

    private static async Task<ExamReport> InProcessAsync(string folder, OrcaSettings settings, CancellationToken cancellationToken)
    {
        await using var server = await Abandonable.RunAsync(
            () => StudentServer.OpenAsync(
                ModelFolder.Newest(folder), ServingSide.EngineOptionsOf(settings), NullLoggerFactory.Instance,
                cancellationToken: cancellationToken),
            cancellationToken);
        return await ExamineAsync(new LocalStudent(server.Engine, folder), settings, cancellationToken);
    }

    private static Task<ExamReport> ExamineAsync(ITextGenerator student, OrcaSettings settings, CancellationToken cancellationToken)
    {
        var messages = RunInputs.MessagesOf(settings);
        var questions = HeldOutQuestions.BuiltIn(
            new ReasoningTasks(settings.Run.Seed), settings.Evaluation.QuestionsPerTask, settings.Run.Seed)
            .Select(query => HeldOutQuestions.Prompted(query, messages))
            .ToArray();
        var options = new ExamOptions { MaxTokens = settings.Evaluation.MaxTokens, Parallel = settings.Evaluation.Parallel };
        return new HeldOutExam(questions, options, TimeProvider.System).RunAsync("eval", student, cancellationToken);
    }
}
