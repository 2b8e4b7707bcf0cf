using System.Collections.Concurrent;
using Orca.Evaluation.Protocols;
using Orca.Evaluation.Runs;
using Orca.Evaluation.Statistics;
using Orca.Evaluation.Subjects;
using Orca.Streams.Answers;
using Orca.Streams.Tasks;

namespace Orca.Evaluation.Tests.Runs;

public sealed class HeldOutExamTests
{
    private sealed class Student(Func<string, string> answer, Func<int, string>? version = null) : ITextGenerator
    {
        private int _asked;
        private int _running;

        public string Name => "scripted";

        public int MostAtOnce { get; private set; }

        public ConcurrentBag<string> Systems { get; } = [];

        public async Task<GeneratedAnswer> GenerateAsync(Prompt prompt, CancellationToken cancellationToken)
        {
            lock (Systems)
            {
                MostAtOnce = Math.Max(MostAtOnce, ++_running);
            }

            Systems.Add(prompt.SystemMessage);
            await Task.Delay(1, cancellationToken);
            lock (Systems)
            {
                _running--;
            }

            return new GeneratedAnswer(answer(prompt.Text), version?.Invoke(Interlocked.Increment(ref _asked)) ?? "1");
        }
    }

    private static TaskQuery Question(string task, int n, double chance = 0.5) => new()
    {
        Id = $"{task}-{n}",
        Collection = "reasoning",
        Task = task,
        Prompt = $"{task} {n}",
        GoldAnswers = [n % 2 == 0 ? "yes" : "no"],
        AnswerKind = AnswerKind.Exact,
        Chance = chance,
    };

    private static readonly TaskQuery[] Questions =
        [.. from task in new[] { "even", "odd" } from n in Enumerable.Range(0, 10) select Question(task, n)];

    [Fact]
    public async Task Right_answers_are_counted_by_family_and_corrected_for_chance()
    {
        // Right on all of one family; "yes" to everything in the other, which is right by chance.
        var student = new Student(prompt => prompt.StartsWith("even", StringComparison.Ordinal)
            ? $"It is so. So the answer is {(int.Parse(prompt[5..]) % 2 == 0 ? "yes" : "no")}."
            : "So the answer is yes.");
        var report = await Run(student);
        Assert.Equal(["even", "odd"], report.Families.Select(family => family.Family));
        Assert.Equal([10, 5], report.Families.Select(family => family.Right));
        Assert.Equal(0.75, report.Accuracy, 6);
        Assert.Equal(0.5, report.ChanceCorrectedMean, 6);
        Assert.Equal(0, report.ParseFailureRate);
    }

    [Fact]
    public async Task Answers_without_an_answer_are_counted_apart_and_are_wrong()
    {
        var report = await Run(new Student(_ => ""));
        Assert.Equal(1, report.ParseFailureRate);
        Assert.Equal(0, report.Accuracy);
    }

    [Fact]
    public async Task Every_version_that_answered_is_named()
    {
        var report = await Run(new Student(_ => "So the answer is yes.", n => n <= 15 ? "1" : "2"));
        Assert.Equal([new("1", 15), new("2", 5)], report.AnswersByVersion);
    }

    [Fact]
    public async Task Questions_are_asked_side_by_side_but_no_more_than_allowed()
    {
        var student = new Student(_ => "yes");
        await Run(student);
        Assert.InRange(student.MostAtOnce, 2, 4);
    }

    [Fact]
    public async Task A_question_that_brings_its_own_system_message_is_asked_with_it()
    {
        var student = new Student(_ => "yes");
        var exam = new HeldOutExam(
            [Questions[0], Questions[1] with { SystemMessage = "own" }], new ExamOptions { SystemMessage = "common" }, TimeProvider.System);
        await exam.RunAsync("test", student, CancellationToken.None);
        Assert.Equal(["common", "own"], student.Systems.Order());
    }

    [Fact]
    public async Task An_error_of_the_student_ends_the_examination()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => Run(new Student(_ => throw new InvalidOperationException("gone"))));
    }

    private static Task<ExamReport> Run(Student student) =>
        new HeldOutExam(Questions, new ExamOptions { Parallel = 4 }, TimeProvider.System).RunAsync("test", student, CancellationToken.None);
}
