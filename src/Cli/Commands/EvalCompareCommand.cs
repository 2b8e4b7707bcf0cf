using System.CommandLine;
using Orca.Evaluation.Reports;
using Orca.Evaluation.Runs;

namespace Orca.Cli.Commands;

/// <summary><c>orca eval compare</c>: two runs over the same questions, question by question.</summary>
internal static class EvalCompareCommand
{
    private const int ShownAtMost = 10;

    private static readonly Argument<string> First = new("FIRST") { Description = "Folder of a run of 'orca eval run'." };

    private static readonly Argument<string> Second = new("SECOND") { Description = "Folder of another over the same questions." };

    private static readonly Option<int> Changed = new("--changed")
    {
        Description = $"Questions that one got right and the other wrong, listed at most. Default: {ShownAtMost}.",
        HelpName = "N",
        DefaultValueFactory = _ => ShownAtMost,
        CustomParser = result => Arguments.Number<int>(result, value => value >= 0, "a whole number of at least 0"),
    };

    public static Command Create()
    {
        var command = new Command("compare", "Compares two runs over the same questions, question by question.") { First, Second, Changed };
        command.SetAction(parsed => Run(parsed));
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        var (first, second) = (parsed.GetRequiredValue(First), parsed.GetRequiredValue(Second));
        var (before, after) = (EvaluationFolder.PlanOf(first), EvaluationFolder.PlanOf(second));
        if (before.Protocol != after.Protocol)
        {
            throw new CommandException($"'{first}' was asked by the protocol '{before.Protocol}' and '{second}' by '{after.Protocol}': "
                + "their scores are not comparable; ask both by the same.");
        }

        var comparison = RunComparison.Of(EvaluationFolder.Read(first), EvaluationFolder.Read(second));
        Console.Out.Write(MarkdownReport.Of(comparison, NameOf(first), NameOf(second)));
        foreach (var (mine, theirs) in comparison.Changed.Take(parsed.GetValue(Changed)))
        {
            Console.Out.WriteLine($"- {mine.Key}: gold {string.Join(" | ", mine.Gold)}, {NameOf(first)} {mine.Answer ?? "none"}, "
                + $"{NameOf(second)} {theirs.Answer ?? "none"}");
        }

        return ExitCodes.Done;
    }

    private static string NameOf(string folder) => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
}
