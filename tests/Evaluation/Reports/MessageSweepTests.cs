using System.Collections.Immutable;
using Orca.Evaluation.Protocols;
using Orca.Evaluation.Reports;
using Orca.Evaluation.Runs;
using Orca.Evaluation.Suites;
using Orca.Streams.Answers;

namespace Orca.Evaluation.Tests.Reports;

public class MessageSweepTests
{
    [Fact]
    public void The_best_message_of_each_task_and_the_gap_between_messages_are_told()
    {
        var sweep = MessageSweep.Of([("plain", Records((0, "rrww"), (1, "wwww"))), ("steps", Records((0, "rwww"), (1, "rrrw")))]);

        Assert.Equal([("plain", 0.25), ("steps", 0.5)], sweep.Messages.Select(message => (message.Message, message.Mean)));
        Assert.Equal(
            [("task0", "plain", 0.5, 0.25), ("task1", "steps", 0.75, 0.0)],
            sweep.Tasks.Select(task => (task.Task, task.BestMessage, task.Best, task.Worst)));
        Assert.Equal((0.625, 0.25), (sweep.BestOfEach, sweep.Spread));
    }

    [Fact]
    public void Where_messages_differ_by_chance_alone_the_best_of_each_flatters_and_what_is_chosen_beforehand_does_not()
    {
        var random = new Random(5);
        var runs = Enumerable.Range(0, 16).Select(message => ($"m{message}", Records(
            [
                .. Enumerable.Range(0, 20).Select(task => (
                    task, string.Concat(Enumerable.Range(0, 40).Select(_ => random.Next(2) == 0 ? 'r' : 'w')))),
            ])));

        var sweep = MessageSweep.Of([.. runs]);

        Assert.InRange(sweep.BestOfEach, 0.6, 0.7);
        Assert.InRange(sweep.ChosenBeforehand, 0.46, 0.54);
    }

    [Fact]
    public void Messages_that_were_not_asked_the_same_questions_are_not_compared()
    {
        Assert.Throws<EvaluationException>(() => MessageSweep.Of([("a", Records((0, "rr"))), ("b", Records((0, "r")))]));
        Assert.Throws<EvaluationException>(() => MessageSweep.Of([]));
    }

    private static ImmutableArray<ItemRecord> Records(params (int Task, string Marks)[] tasks) =>
    [
        .. from task in tasks
           from row in Enumerable.Range(0, task.Marks.Length)
           select new ItemRecord
           {
               Suite = "own",
               Task = $"task{task.Task}",
               Row = row,
               Item = $"{task.Task}/{row}",
               Protocol = "robust",
               Prompt = new Prompt { Text = "q" },
               Question = "q",
               Gold = ["1"],
               Kind = AnswerKind.Number,
               Response = "1",
               IsRight = task.Marks[row] == 'r',
               Version = "1",
               Time = default,
           },
    ];
}
