using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using Orca.Cli.Display;
using Orca.Cli.Experimenting;
using Orca.Evaluation.Experiments;
using Orca.Evaluation.Protocols;

namespace Orca.Cli.Commands;

/// <summary><c>orca experiment</c>: trains the students of a comparison, examines them, and reports what came of it.</summary>
internal static class ExperimentCommand
{
    private const int UsualSeeds = 5;
    private const int UsualSteps = 3_000;
    private const int UsualQuestions = 40;
    private const int MostHeldOut = 10;

    private static readonly Argument<string?> Name = new("NAME")
    {
        Description = $"The experiment: {string.Join(", ", BuiltInExperiments.Names)}, or a JSON file of your own. Default: lists them.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<bool> Print = new("--print") { Description = "Prints the experiment's JSON and runs nothing." };

    private static readonly Option<int> Seeds =
        Arguments.Count("--seeds", "Students of each arm, each with a seed of its own.", UsualSeeds);

    private static readonly Option<int> Steps = Arguments.Count("--steps", "Training steps of each student.", UsualSteps);

    private static readonly Option<int> Questions =
        Arguments.Count("--questions", "Questions of each family that each student is asked.", UsualQuestions);

    private static readonly Option<string[]> Protocols = new("--protocols")
    {
        Description = "Protocols that students are examined by, the one that decides first. Default: all.",
        HelpName = "NAME,NAME",
        CustomParser = result => Named(result, [.. ProtocolNames.All.Select(protocol => protocol.Name)]),
        DefaultValueFactory = _ => [.. ProtocolNames.All.Select(protocol => protocol.Name)],
    };

    private static readonly Option<int> HeldOut = new("--held-out-families")
    {
        Description = "Families left out of each seed's training, other ones each time, and asked about beside the rest. Default: 0.",
        HelpName = "N",
        CustomParser = result => Arguments.Number<int>(
            result, value => value is >= 0 and <= MostHeldOut, $"a whole number from 0 to {MostHeldOut}"),
    };

    private static readonly Option<int> Parallel =
        Arguments.Count("--parallel", "Students trained side by side.", Environment.ProcessorCount);

    private static readonly Option<string> Folder = new("--folder")
    {
        Description = "Folder of experiments and their students. Default: experiments.",
        HelpName = "DIR",
        DefaultValueFactory = _ => "experiments",
    };

    private static readonly Option<string?> Settings = new("--settings")
    {
        Description = "Settings file that all arms share; what the experiment sets stands over it.",
        HelpName = "FILE",
    };

    public static Command Create()
    {
        var command = new Command(
            "experiment", "Trains small students that differ in one thing, examines them on the same questions, and reports the "
                + "difference, its interval and what could have been found. Goes on where it stopped.")
        {
            Name, Print, Seeds, Steps, Questions, Protocols, HeldOut, Parallel, Folder, Settings,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(Name) is not { } given)
        {
            foreach (var known in BuiltInExperiments.Names)
            {
                Console.Out.WriteLine($"{known}  {ExperimentDefinition.Parse(BuiltInExperiments.Read(known), known).Question}");
            }

            return ExitCodes.Done;
        }

        var text = BuiltInExperiments.Read(given);
        var definition = ExperimentDefinition.Parse(text, given);
        if (parsed.GetValue(Print))
        {
            Console.Out.Write(text);
            return ExitCodes.Done;
        }

        var plan = PlanOf(parsed, definition, Path.GetFileNameWithoutExtension(given));
        if (plan.HeldOutFamilies > 0 && definition.Arms.Keys.Any(arm => definition.SettingsOf(arm).ContainsKey("tasks.sources")))
        {
            throw new CommandException(
                $"'{given}' sets tasks.sources, out of which no family can be left; leave these or --held-out-families away.");
        }

        var root = parsed.GetRequiredValue(Folder);
        ImmutableArray<string> common = parsed.GetValue(Settings) is { } file ? ["--settings", Path.GetFullPath(file)] : [];
        var own = OwnSettings.Text(parsed.GetValue(Settings));
        ImmutableArray<ExperimentStudent> students =
        [
            .. from seed in Enumerable.Range(1, plan.Seeds)
               from arm in plan.Arms
               select new ExperimentStudent(definition, plan, arm, seed, Path.Combine(root, "students"), common, own),
        ];
        plan = plan with { Students = [.. students.Select(student => Path.GetFileName(student.Folder))] };
        var folder = Path.Combine(root, plan.Name);
        var report = await ShownAsync(
            new ExperimentRun(plan, students, folder), students, parsed.GetValue(Parallel), cancellationToken);
        Console.Out.Write(ExperimentMarkdown.Of(report));
        Console.Out.WriteLine($"\nreport {Path.Combine(folder, "report.json")}");
        return ExitCodes.Done;
    }

    private static ExperimentPlan PlanOf(ParseResult parsed, ExperimentDefinition definition, string name) => new()
    {
        Name = name,
        Question = definition.Question,
        Published = definition.Published,
        Arms = [.. definition.Arms.Keys],
        Students = [],
        Pairs = [.. definition.Compare.Select(pair => new ArmPair(pair[0], pair[1]))],
        Seeds = parsed.GetValue(Seeds),
        Steps = parsed.GetValue(Steps),
        QuestionsPerTask = parsed.GetValue(Questions),
        HeldOutFamilies = parsed.GetValue(HeldOut),
        Protocols = [.. parsed.GetRequiredValue(Protocols)],
    };

    private static string[] Named(ArgumentResult result, ImmutableArray<string> known)
    {
        var names = string.Join(',', result.Tokens).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (names.Length == 0 || names.Except(known).Any() || names.Distinct().Count() < names.Length)
        {
            result.AddError($"Flag --protocols is '{string.Join(',', names)}'; expected some of {string.Join(",", known)}, each once");
        }

        return names;
    }

    private static async Task<ExperimentReport> ShownAsync(
        ExperimentRun run, ImmutableArray<ExperimentStudent> students, int parallel, CancellationToken cancellationToken)
    {
        using var shown = new CancellationTokenSource();
        var display = new ExperimentDisplay(run, students, ProgressLine.OnStandardError(TimeProvider.System), TimeProvider.System);
        var showing = display.ShowAsync(shown.Token);
        try
        {
            return await run.RunAsync(parallel, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Console.Error.WriteLine("Stopped; the same command goes on where its students stopped.");
            throw;
        }
        finally
        {
            await shown.CancelAsync();
            await showing;
        }
    }
}
