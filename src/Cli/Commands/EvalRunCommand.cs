using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Orca.Cli.Clients;
using Orca.Cli.Configuration;
using Orca.Cli.Display;
using Orca.Cli.Evaluating;
using Orca.Evaluation.Protocols;
using Orca.Evaluation.Reports;
using Orca.Evaluation.Runs;
using Orca.Evaluation.Statistics;
using Orca.Evaluation.Suites;

namespace Orca.Cli.Commands;

/// <summary><c>orca eval run</c>: asks a benchmark, keeps every answer, and reports what came of it.</summary>
internal static class EvalRunCommand
{
    // Before a run nobody knows on how many questions two students will differ; a quarter is usual between a student and its next version.
    private const double UsualDiscordance = 0.25;

    private static readonly Argument<string> Suite = new("SUITE") { Description = $"The benchmark: {SuiteSpec.Kinds}." };

    private static readonly Argument<string?> Address = Arguments.Address();

    private static readonly Option<string?> Model = new("--model")
    {
        Description = "A model's folder, or a folder of checkpoints, asked in this process instead of through a server.",
        HelpName = "FOLDER",
    };

    private static readonly Option<Uri?> Endpoint = new("--endpoint")
    {
        Description = "Address of an OpenAI-compatible endpoint that is asked instead, up to /chat/completions; with --endpoint-model.",
        HelpName = "URL",
        CustomParser = result =>
        {
            var text = string.Join(' ', result.Tokens);
            if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            {
                result.AddError($"Flag --endpoint is '{text}'; expected an address such as http://127.0.0.1:8080/v1");
            }

            return url;
        },
    };

    private static readonly Option<string?> EndpointModel = new("--endpoint-model")
    {
        Description = "The model that the endpoint is asked for.",
        HelpName = "NAME",
    };

    private static readonly Option<string?> KeyVariable = new("--key-variable")
    {
        Description = "Environment variable that holds the endpoint's key. Default: no key is sent.",
        HelpName = "NAME",
    };

    private static readonly Option<string?> Run = new("--run")
    {
        Description = "Folder of the run; where it holds one of the same plan, the run goes on. Default: a new one below evaluations.",
        HelpName = "DIR",
    };

    private static readonly Option<string> Protocol = EvalFlags.Protocol("How questions are asked and answers are read.");

    private static readonly Option<string?> SystemMessage = new("--system")
    {
        Description = "System message of every question. Default: the question's own; published benchmarks have none.",
        HelpName = "TEXT",
    };

    private static readonly Option<double?> Temperature = new("--temperature")
    {
        Description = "Sampling temperature. Default: the protocol's own (robust and harness 0, paper 0.7).",
        HelpName = "NUMBER",
        CustomParser = result => Arguments.Number<double>(result, value => value is >= 0 and <= 100, "a number from 0 to 100"),
    };

    private static readonly Option<int> Repeats = Arguments.Count("--repeats", "Samples of each question, each with a seed of its own.", 1);

    private static readonly Option<int?> Limit = new("--limit")
    {
        Description = "Questions of each task at most, spread over its file. Default: all.",
        HelpName = "N",
        CustomParser = result => Arguments.Number<int>(result, value => value >= 1, "a whole number of at least 1"),
    };

    private static readonly Option<bool> Examples = new("--examples")
    {
        Description = "Puts the authors' explained examples before each question.",
    };

    private static readonly Option<bool> ChainOfThought = new("--chain-of-thought") { Description = "Asks to think step by step." };

    private static readonly Option<int> Print = new("--print-prompts")
    {
        Description = "Prints the exact prompts of so many questions of each task, and asks nobody. Default: 0.",
        HelpName = "N",
        CustomParser = result => Arguments.Number<int>(result, value => value >= 0, "a whole number of at least 0"),
    };

    private static readonly SettingFlags Flags = new(
        SettingFlag.Of("--questions", "evaluation.questionsPerTask", "N"),
        SettingFlag.Of("--max-tokens", "evaluation.maxTokens", "TOKENS"),
        SettingFlag.Of("--parallel", "evaluation.parallel", "N"),
        SettingFlag.Of("--device", "run.device", "DEVICE"));

    public static Command Create()
    {
        var command = new Command("run", "Asks a benchmark through a server, an endpoint or in this process; goes on where it stopped.")
        {
            Suite, Address, Model, Endpoint, EndpointModel, KeyVariable, Run, Protocol, SystemMessage, Temperature, Repeats, Limit,
            Examples, ChainOfThought, Print,
        };
        Flags.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var settings = Flags.Load(parsed);
        var suite = await EvalSuites.ReadAsync(parsed.GetRequiredValue(Suite), settings, cancellationToken);
        suite = parsed.GetValue(Limit) is { } most ? suite.Limited(most) : suite;
        var protocol = ProtocolNames.Find(parsed.GetRequiredValue(Protocol))!;
        var options = new ProtocolOptions
        {
            SystemMessage = parsed.GetValue(SystemMessage),
            MaxTokens = settings.Evaluation.MaxTokens,
            Temperature = parsed.GetValue(Temperature),
            Seed = settings.Run.Seed,
            HasExamples = parsed.GetValue(Examples),
            IsChainOfThought = parsed.GetValue(ChainOfThought),
        };
        if (parsed.GetValue(Print) is > 0 and var printed)
        {
            PromptText.Write(Console.Out, suite.Limited(printed), protocol, options);
            return ExitCodes.Done;
        }

        await using var subject = await SubjectAsync(parsed, settings, cancellationToken);
        var plan = new RunPlan
        {
            Suite = suite.Name,
            SuiteHash = suite.Hash,
            Items = suite.Items.Count(),
            Protocol = protocol.Name,
            Options = options,
            Repeats = parsed.GetValue(Repeats),
            Subject = subject.Student.Name,
        };
        var folder = parsed.GetValue(Run) ?? NewFolder(plan);
        var run = new EvaluationRun(suite, protocol, plan, TimeProvider.System);
        Console.Error.WriteLine(Detectable(suite));
        var records = await AskAsync(run, plan, folder, subject, settings, cancellationToken);
        var report = EvaluationReport.Of(plan, records);
        RunReportFiles.Write(folder, report, records);
        Console.Out.Write(MarkdownReport.Of(report));
        Console.Out.WriteLine($"\nrun {folder}");
        return ExitCodes.Done;
    }

    private static async Task<ImmutableArray<ItemRecord>> AskAsync(
        EvaluationRun run, RunPlan plan, string path, EvalSubject subject, OrcaSettings settings, CancellationToken cancellationToken)
    {
        using var folder = EvaluationFolder.Open(path, plan);
        using var display = new EvalDisplay(ProgressLine.OnStandardError(TimeProvider.System));
        try
        {
            return await run.RunAsync(
                subject.Student, subject.Scorer, folder, settings.Evaluation.Parallel, display, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Console.Error.WriteLine($"Stopped; what was answered is in '{path}': the same command with --run {path} goes on.");
            throw;
        }
    }

    // Of the mean of the tasks, in which small tasks count as much as large ones.
    private static string Detectable(EvaluationSuite suite)
    {
        int[] sizes = [.. suite.Tasks.Select(task => task.Items.Length).Where(items => items > 0)];
        var points = (100 * DetectableDifference.Of(sizes, UsualDiscordance)).ToString("F1", CultureInfo.InvariantCulture);
        return $"{sizes.Sum()} questions: a difference of {points} points between two runs is found in 80 of 100 comparisons, if the runs "
            + "differ on a quarter of the questions.";
    }

    private static Task<EvalSubject> SubjectAsync(ParseResult parsed, OrcaSettings settings, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(Endpoint) is { } url)
        {
            var model = parsed.GetValue(EndpointModel)
                ?? throw new CommandException("--endpoint is given without --endpoint-model; name the model that it is asked for.");
            return Task.FromResult(EvalSubject.AtEndpoint(url, model, parsed.GetValue(KeyVariable)));
        }

        return parsed.GetValue(Model) is { } folder
            ? EvalSubject.InProcessAsync(folder, settings, cancellationToken)
            : EvalSubject.AtAsync(Arguments.ReadAddress(parsed, Address), cancellationToken);
    }

    private static string NewFolder(RunPlan plan) => Path.Combine(
        "evaluations",
        string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}-{plan.Suite}-{plan.Protocol}"));
}
