using System.CommandLine;
using System.Globalization;
using Orca.Cli.Configuration;
using Orca.Cli.Evaluating;
using Orca.Evaluation.Suites;

namespace Orca.Cli.Commands;

/// <summary><c>orca eval baselines</c>: what one scores on a benchmark without reading it, and what is wrong with its questions.</summary>
internal static class EvalBaselinesCommand
{
    private static readonly Argument<string> Suite = new("SUITE") { Description = $"The benchmark: {SuiteSpec.Kinds}." };

    private static readonly Option<bool> Faults = new("--faults") { Description = "Lists the questions with a known fault." };

    private static readonly SettingFlags Flags = new(SettingFlag.Of("--questions", "evaluation.questionsPerTask", "N"));

    public static Command Create()
    {
        var command = new Command(
            "baselines", "Shows what one scores on a benchmark without reading its questions, and what can be reached at all.")
        {
            Suite, Faults,
        };
        Flags.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var settings = Flags.Load(parsed);
        var suite = await EvalSuites.ReadAsync(parsed.GetRequiredValue(Suite), settings, cancellationToken);
        var width = suite.Tasks.Max(task => task.Name.Length);
        Console.Out.WriteLine($"{"task".PadRight(width)}   items  majority  first option  guess  attainable  faults");
        foreach (var task in suite.Tasks)
        {
            Write(task.Name.PadRight(width), task.Items.Length, task.Majority, task.FirstOption, task.Chance, task.Attainable, [task]);
        }

        Write(
            "mean of the tasks".PadRight(width), suite.Items.Count(), Mean(suite, task => task.Majority),
            Mean(suite, task => task.FirstOption), Mean(suite, task => task.Chance), Mean(suite, task => task.Attainable),
            [.. suite.Tasks]);
        if (parsed.GetValue(Faults))
        {
            foreach (var item in suite.Items.Where(item => item.Defect is not null))
            {
                Console.Out.WriteLine($"{item.Key}: {item.Defect!.What} (gold {string.Join(" | ", item.Gold)})");
            }
        }

        return ExitCodes.Done;
    }

    private static double Mean(EvaluationSuite suite, Func<EvaluationTask, double> value) => suite.Tasks.Average(value);

    private static void Write(
        string name, int items, double majority, double first, double chance, double attainable,
        IReadOnlyCollection<EvaluationTask> tasks) =>
        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}  {items,6}  {100 * majority,8:F2}  {100 * first,12:F2}  {100 * chance,5:F1}  {100 * attainable,10:F2}  "
                + $"{tasks.Sum(task => task.Items.Count(item => item.Defect is not null)),6}"));
}
