using Orca.Cli.Configuration;
using Orca.Cli.Daemon;
using Orca.Evaluation.Suites;
using Orca.Streams.Tasks;

namespace Orca.Cli.Evaluating;

/// <summary>Reads the benchmark that a command names.</summary>
internal static class EvalSuites
{
    /// <summary>
    /// The benchmark; the built-in families' questions come each with the system message that a student is taught them with in the last
    /// stage. Rows that are no question are told on standard error.
    /// </summary>
    public static async Task<EvaluationSuite> ReadAsync(string text, OrcaSettings settings, CancellationToken cancellationToken)
    {
        var spec = SuiteSpec.Of(text);
        if (spec.Kind == ReasoningTasks.Collection)
        {
            var families = spec.Rest.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            var messages = RunInputs.MessagesOf(settings);
            var tasks = new ReasoningTasks(settings.Run.Seed, families.Length == 0 ? null : families);
            return QuestionSuite.Of(
                spec.Kind,
                HeldOutQuestions.BuiltIn(tasks, settings.Evaluation.QuestionsPerTask, settings.Run.Seed)
                    .Select(query => HeldOutQuestions.Prompted(query, messages)));
        }

        var faults = new Progress<SourceFault>(fault => Console.Error.WriteLine($"{fault.File}:{fault.Line}: {fault.Message}"));
        return await spec.ReadAsync(faults, cancellationToken);
    }
}
