using System.Collections.Immutable;
using Orca.Evaluation.Runs;
using Orca.Evaluation.Suites;

namespace Orca.Evaluation.Reports;

/// <summary>
/// The same questions under several system messages. The best message of each task flatters where it is chosen by the questions that it is
/// then scored by; so it is also chosen by half of them and scored by the other half, both ways round.
/// </summary>
/// <param name="Messages">Every message with its mean over the tasks, 0 to 1, in the order asked.</param>
/// <param name="Tasks">Every task with its best message.</param>
public sealed record MessageSweep(
    ImmutableArray<(string Message, double Mean, double ParseFailures)> Messages, ImmutableArray<TaskSweep> Tasks)
{
    /// <summary>Mean over the tasks of the best message of each, as the Orca paper gives it.</summary>
    public double BestOfEach => Tasks.Average(task => task.Best);

    /// <summary>The same, chosen by other questions than it is scored by.</summary>
    public double ChosenBeforehand => Tasks.Average(task => task.ChosenBeforehand);

    /// <summary>The best of the messages' means less the worst: how much of a score is the message.</summary>
    public double Spread => Messages.Max(message => message.Mean) - Messages.Min(message => message.Mean);

    /// <summary>Computes it.</summary>
    /// <param name="runs">Each message with the answers under it: the same questions in each.</param>
    /// <exception cref="EvaluationException">They are not, or there is none.</exception>
    public static MessageSweep Of(IReadOnlyList<(string Message, ImmutableArray<ItemRecord> Records)> runs)
    {
        if (runs.Count == 0 || runs[0].Records.IsEmpty)
        {
            throw new EvaluationException("There is no answer under any system message; ask at least one question.");
        }

        var tasks = runs.Select(run => run.Records.GroupBy(record => record.Task).OrderBy(task => task.Key, StringComparer.Ordinal)
            .Select(task => (Name: task.Key, Marks: MarksOf(task))).ToList()).ToList();
        if (tasks.Exists(run => !run.SelectMany(task => task.Marks.Keys).SequenceEqual(tasks[0].SelectMany(task => task.Marks.Keys))))
        {
            throw new EvaluationException("The system messages were not asked the same questions; ask all of them in one sweep.");
        }

        return new MessageSweep(
            [
                .. runs.Zip(tasks, (run, marks) => (
                    run.Message, marks.Average(task => task.Marks.Values.Average()),
                    (double)run.Records.Count(record => record.Answer is null) / run.Records.Length)),
            ],
            [
                .. tasks[0].Select((task, place) => TaskSweep.Of(
                    task.Name, [.. runs.Zip(tasks, (run, marks) => (run.Message, marks[place].Marks.Values.ToArray()))])),
            ]);
    }

    private static SortedDictionary<int, double> MarksOf(IEnumerable<ItemRecord> records) =>
        new(records.GroupBy(record => record.Row).ToDictionary(item => item.Key, item => item.Average(one => one.IsRight ? 1.0 : 0)));
}

/// <summary>One task under several system messages. Shares, 0 to 1.</summary>
/// <param name="Task">The task.</param>
/// <param name="BestMessage">The message under which most was right; of equal ones the first.</param>
/// <param name="Best">What was right under it.</param>
/// <param name="Worst">What was right under the worst.</param>
/// <param name="ChosenBeforehand">What is right under the message that the other half of the questions would choose.</param>
public sealed record TaskSweep(string Task, string BestMessage, double Best, double Worst, double ChosenBeforehand)
{
    /// <summary>Computes it.</summary>
    /// <param name="task">The task.</param>
    /// <param name="messages">Every message with the marks of the questions under it, in one order.</param>
    internal static TaskSweep Of(string task, ImmutableArray<(string Message, double[] Marks)> messages)
    {
        var best = messages.MaxBy(message => message.Marks.Average());
        double[] crossed = [.. Half(messages, even: true), .. Half(messages, even: false)];
        return new TaskSweep(
            task, best.Message, best.Marks.Average(), messages.Min(message => message.Marks.Average()),
            crossed.Length == 0 ? best.Marks.Average() : crossed.Average());
    }

    // Questions alternate: files are often sorted.
    private static IEnumerable<double> Half(ImmutableArray<(string Message, double[] Marks)> messages, bool even)
    {
        IEnumerable<double> Of(double[] marks, bool chosen) => marks.Where((_, place) => place % 2 == 0 == (even == chosen));
        var choice = messages.MaxBy(message => Of(message.Marks, chosen: true).DefaultIfEmpty(0).Average());
        return Of(choice.Marks, chosen: false);
    }
}
