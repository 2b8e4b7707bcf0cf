using System.Collections.Immutable;
using Orca.Cli.Configuration;
using Orca.Streams.Sieves;
using Orca.Streams.Tasks;
using Orca.Training;

namespace Orca.Cli.Daemon;

/// <summary>The questions a run's student is examined on.</summary>
internal static class HeldOutQuestions
{
    // Questions of a file that are looked at for held-out ones: enough for every task of the published collections, and quick.
    private const int FileQuestionsSeen = 50_000;

    /// <summary>The same questions for the same settings, each with the system message it would be taught with in the last stage.</summary>
    /// <param name="inputs">Sources and messages.</param>
    /// <param name="student">Whose context a question must fit.</param>
    /// <param name="settings">How many.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<ImmutableArray<TaskQuery>> DrawAsync(
        RunInputs inputs, Student student, OrcaSettings settings, CancellationToken cancellationToken)
    {
        var questions = new List<TaskQuery>();
        foreach (var source in inputs.Sources)
        {
            questions.AddRange(source is ReasoningTasks reasoning
                ? BuiltIn(reasoning, settings.Evaluation.QuestionsPerTask, settings.Run.Seed)
                : await OfFileAsync(source, settings, cancellationToken));
        }

        var longest = student.Config.MaxPositions - Math.Min(settings.Evaluation.MaxTokens, student.Config.MaxPositions / 2);
        var fitting = questions.Select(query => Prompted(query, inputs.Messages))
            .Where(query => PromptTokens(query, student) <= longest);
        return [.. Limit(fitting, settings.Evaluation.MaxQuestions)];
    }

    /// <summary>The built-in tasks' held-out questions, as they are examined without a run.</summary>
    public static IEnumerable<TaskQuery> BuiltIn(ReasoningTasks tasks, int perTask, int seed) =>
        tasks.Families.SelectMany(family => ReasoningTasks.HeldOut(family.Name, perTask, seed));

    /// <summary>A question with the system message it would be taught with in the last stage.</summary>
    public static TaskQuery Prompted(TaskQuery query, SystemMessages messages) =>
        query with { SystemMessage = messages.Choose(query, Stages.Expert).Text };

    /// <summary>The same with the message of another stage, where its source does not prescribe one.</summary>
    public static TaskQuery Prompted(TaskQuery query, SystemMessages messages, string stage)
    {
        var bare = query with { SystemMessage = null };
        return query.SystemMessage == Prompted(bare, messages).SystemMessage
            ? query with { SystemMessage = messages.Choose(bare, stage).Text }
            : query;
    }

    private static int PromptTokens(TaskQuery query, Student student) =>
        student.Template.Prompt(student.Tokenizer, query.SystemMessage ?? "", query.Prompt).Length;

    private static async Task<List<TaskQuery>> OfFileAsync(ITaskSource source, OrcaSettings settings, CancellationToken cancellationToken)
    {
        var split = new HeldOutSplit(settings.Tasks.HeldOutOneIn);
        var ofTask = new Dictionary<string, int>();
        var chosen = new List<TaskQuery>();
        var seen = 0;
        // Malformed records are told when they are read for training.
        await foreach (var query in source.ReadAsync(0, new Progress<SourceFault>(), cancellationToken))
        {
            if (++seen > FileQuestionsSeen)
            {
                break;
            }

            if (query is not null && split.IsHeldOut(query) && !query.GoldAnswers.IsEmpty
                && ofTask.GetValueOrDefault(query.Task) < settings.Evaluation.QuestionsPerTask)
            {
                ofTask[query.Task] = ofTask.GetValueOrDefault(query.Task) + 1;
                chosen.Add(query);
            }
        }

        return chosen;
    }

    // Turn by turn from every task, so that none is left out before another has had its share.
    private static IEnumerable<TaskQuery> Limit(IEnumerable<TaskQuery> questions, int most) => questions
        .GroupBy(query => (query.Collection, query.Task))
        .SelectMany(task => task.Select((query, turn) => (query, turn)))
        .OrderBy(pair => pair.turn)
        .Take(most)
        .Select(pair => pair.query);
}
