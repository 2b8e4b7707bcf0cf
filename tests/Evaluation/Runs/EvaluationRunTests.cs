using System.Collections.Concurrent;
using System.Collections.Immutable;
using Orca.Evaluation.Protocols;
using Orca.Evaluation.Reports;
using Orca.Evaluation.Runs;
using Orca.Evaluation.Subjects;
using Orca.Evaluation.Suites;
using Orca.Streams.Answers;

namespace Orca.Evaluation.Tests.Runs;

public sealed class EvaluationRunTests : IDisposable
{
    private static readonly EvaluationSuite Suite = new("own", [TaskOf("a", 30), TaskOf("b", 12)]);

    private readonly string folder = Directory.CreateTempSubdirectory("orca-run-").FullName;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Every_question_is_asked_once_and_its_record_holds_all_that_was_sent_and_found()
    {
        var student = new Student(number => $"The answer is {number}.");

        var records = await RunAsync(student);

        Assert.Equal(42, student.Asked.Count);
        Assert.All(student.Asked.CountBy(text => text), pair => Assert.Equal(1, pair.Value));
        var first = records[0];
        Assert.Equal(("a/0", "robust", "0 + 0 =", "The answer is 0.", "0", true), (
            first.Key, first.Protocol, first.Prompt.Text, first.Response, first.Answer, first.IsRight));
        Assert.Equal(("7", 5), (first.Version, first.ResponseTokens));
        Assert.Equal(records, EvaluationFolder.Read(folder), (mine, read) => mine.Place == read.Place && mine.Response == read.Response);
    }

    [Fact]
    public async Task Stopped_at_any_place_it_goes_on_with_no_question_repeated_and_none_lost()
    {
        var student = new Student(number => $"The answer is {number}.");
        for (var stops = 0; stops < 5; stops++)
        {
            await Assert.ThrowsAsync<IOException>(() => RunAsync(student.BreakingAfter(7)));
        }

        var records = await RunAsync(student.BreakingAfter(int.MaxValue));

        Assert.Equal(42, records.Length);
        Assert.Equal(42, records.DistinctBy(record => record.Place).Count());
        Assert.Equal(42, student.Answered);
    }

    // As a kill leaves it: the last line without its end.
    [Fact]
    public async Task A_record_that_a_kill_cut_in_two_is_asked_again()
    {
        await RunAsync(new Student(number => $"The answer is {number}."));
        var file = EvaluationFolder.RecordsOf(folder);
        var bytes = await File.ReadAllBytesAsync(file, Cancelled);
        await File.WriteAllBytesAsync(file, bytes[..^10], Cancelled);
        var student = new Student(number => $"The answer is {number}.");

        var records = await RunAsync(student);

        Assert.Single(student.Asked);
        Assert.Equal(42, records.Length);
        Assert.Equal(42, (await File.ReadAllLinesAsync(file, Cancelled)).Length);
    }

    [Fact]
    public async Task A_run_of_another_plan_is_refused_with_what_differs()
    {
        await RunAsync(new Student(number => $"{number}"));

        var failure = await Assert.ThrowsAsync<EvaluationException>(
            () => RunAsync(new Student(number => $"{number}"), options: new ProtocolOptions { MaxTokens = 9 }));

        Assert.Contains("was begun with another plan: options", failure.Message);
        Assert.Contains("give --run another folder", failure.Message);
    }

    [Fact]
    public async Task The_same_records_come_of_any_number_of_questions_at_once()
    {
        var texts = new List<string>();
        foreach (var parallel in new[] { 1, 7, 64 })
        {
            Directory.Delete(folder, recursive: true);
            var records = await RunAsync(new Student(number => $"It is {number % 5}."), parallel);
            texts.Add(string.Join('\n', records.Select(record => $"{record.Key} {record.Response} {record.IsRight}")));
        }

        Assert.Single(texts.Distinct());
    }

    [Fact]
    public async Task A_prompt_that_the_student_cannot_take_is_recorded_as_wrong_and_told()
    {
        var student = new Student(number => number == 3 ? null : $"The answer is {number}.");

        var records = await RunAsync(student);
        var report = EvaluationReport.Of(PlanOf(new ProtocolOptions()), records);

        Assert.Equal(2, records.Count(record => record.Refusal == "the prompt is too long"));
        Assert.Equal((2, 40), (report.Tasks.Sum(task => task.Refused), records.Count(record => record.IsRight)));
        Assert.Contains("2 prompts could not be taken and count as wrong: the prompt is too long", MarkdownReport.Of(report));
    }

    [Fact]
    public async Task Choices_are_ranked_by_their_likelihood_and_without_a_scorer_refused()
    {
        var item = Suite.Tasks[0].Items[0] with
        {
            Choices = ["(A)x", "(B)y", "(C)z"],
            Gold = ["B"],
            Kind = AnswerKind.MultipleChoice,
        };
        var suite = new EvaluationSuite("own", [new EvaluationTask("a", [item])]);
        var plan = PlanOf(new ProtocolOptions());
        var run = new EvaluationRun(suite, new HarnessProtocol(), plan, TimeProvider.System);
        var student = new Student(_ => "unused");
        using (var open = EvaluationFolder.Open(folder, plan))
        {
            await Assert.ThrowsAsync<EvaluationException>(() => run.RunAsync(student, null, open, [], 1, null, Cancelled));
            var record = Assert.Single(await run.RunAsync(student, new Scorer(), open, [], 1, null, Cancelled));
            Assert.Equal(("(B)y", "(B)", true), (record.Response, record.Answer, record.IsRight));
            Assert.Equal([2, 1, 2], record.ChoiceLosses!.Value);
        }
    }

    [Fact]
    public async Task What_the_same_weights_answered_in_a_run_beside_is_taken_over_and_judged_anew()
    {
        var plan = PlanOf(new ProtocolOptions());
        var (first, second, third) = (Path.Combine(folder, "1"), Path.Combine(folder, "2"), Path.Combine(folder, "3"));
        var student = new Student(number => $"The answer is {number}.");
        async Task<ImmutableArray<ItemRecord>> AskAsync(string path, IReadOnlyCollection<ItemRecord> earlier)
        {
            using var open = EvaluationFolder.Open(path, plan);
            return await new EvaluationRun(Suite, new RobustProtocol(), plan, TimeProvider.System)
                .RunAsync(student, null, open, earlier, 4, null, Cancelled);
        }

        await AskAsync(first, []);
        var asked = student.Asked.Count;
        var earlier = EarlierAnswers.Beside(second, plan, version: "7");
        // As an extractor of another day may have read them.
        var records = await AskAsync(second, [.. earlier.Select(record => record with { IsRight = false, Answer = null })]);

        Assert.Equal((42, asked), (records.Count(record => record.IsRight), student.Asked.Count));
        Assert.Equal(42, EvaluationFolder.Read(second).Count(record => record.IsRight));
        Assert.Empty(EarlierAnswers.Beside(third, plan, version: "8"));
        Assert.Empty(EarlierAnswers.Beside(third, plan with { Subject = "another" }, version: null));
        Assert.Empty(EarlierAnswers.Beside(third, plan with { Protocol = "paper" }, version: "7"));
    }

    [Fact]
    public void Two_at_once_in_one_folder_are_not_let_in_and_its_answers_can_be_read_meanwhile()
    {
        var plan = PlanOf(new ProtocolOptions());
        using (EvaluationFolder.Open(folder, plan))
        {
            Assert.Contains("cannot be opened", Assert.Throws<EvaluationException>(() => EvaluationFolder.Open(folder, plan)).Message);
            Assert.Empty(EvaluationFolder.Read(folder));
        }

        using var again = EvaluationFolder.Open(folder, plan);
        Assert.Empty(again.Done);
    }

    [Theory]
    [InlineData("{\"my\":\"notes\"}", false)]
    [InlineData("{\"suite\":\"own\",\"ta", true)]
    [InlineData("{\"su", true)]
    public void What_is_no_record_is_left_as_it_is_and_a_cut_first_record_counts_for_nothing(string text, bool isCutRecord)
    {
        var (plan, file) = (PlanOf(new ProtocolOptions()), EvaluationFolder.RecordsOf(folder));
        File.WriteAllText(file, text);

        if (isCutRecord)
        {
            EvaluationFolder.Open(folder, plan).Dispose();
            Assert.Empty(File.ReadAllText(file));
        }
        else
        {
            var refusal = Assert.Throws<EvaluationException>(() => EvaluationFolder.Open(folder, plan));
            Assert.Contains("something else than records", refusal.Message);
            Assert.Equal(text, File.ReadAllText(file));
        }
    }

    [Fact]
    public async Task A_prompt_that_cannot_be_ranked_counts_as_refused_and_the_others_go_on()
    {
        var items = Enumerable.Range(0, 2).Select(row => Suite.Tasks[0].Items[row] with
        {
            Choices = ["(A)x", "(B)y"],
            Gold = ["B"],
            Kind = AnswerKind.MultipleChoice,
        });
        var suite = new EvaluationSuite("own", [new EvaluationTask("a", [.. items])]);
        var plan = PlanOf(new ProtocolOptions());
        using var open = EvaluationFolder.Open(folder, plan);

        var records = await new EvaluationRun(suite, new HarnessProtocol(), plan, TimeProvider.System)
            .RunAsync(new Student(_ => "unused"), new ShortScorer("0 + 0"), open, [], 1, null, Cancelled);

        Assert.Equal(["too long", null], records.Select(record => record.Refusal));
        Assert.True(records[1].IsRight);
    }

    [Fact]
    public void Runs_whose_questions_have_no_gold_answer_are_not_compared_and_have_no_accuracy()
    {
        var open = Reports.ReportRecords.One("a", 0, "Tell a story.", "Once.") with { Gold = [] };

        Assert.Contains("no gold answer", Assert.Throws<EvaluationException>(() => RunComparison.Of([open], [open])).Message);
        var text = MarkdownReport.Of(EvaluationReport.Of(PlanOf(new ProtocolOptions()), [open]));
        Assert.Contains("nothing is right or wrong before a judge has said so (orca eval judge)", text);
        Assert.DoesNotContain("Mean of the tasks", text);
    }

    [Fact]
    public async Task Two_runs_are_compared_question_by_question()
    {
        var first = await RunAsync(new Student(number => $"The answer is {number}."));
        Directory.Delete(folder, recursive: true);
        var second = await RunAsync(new Student(number => $"The answer is {(number < 20 ? number : -1)}."));

        var comparison = RunComparison.Of(first, second);

        Assert.Equal(10, comparison.Changed.Length);
        Assert.Equal((10, 0), (comparison.All.McNemar!.OnlyFirst, comparison.All.McNemar.OnlySecond));
        Assert.Throws<EvaluationException>(() => RunComparison.Of(first, [.. second.Skip(1)]));
    }

    private static RunPlan PlanOf(ProtocolOptions options) => new()
    {
        Suite = Suite.Name,
        SuiteHash = Suite.Hash,
        Items = 42,
        Protocol = "robust",
        Options = options,
        Subject = "scripted",
    };

    private async Task<ImmutableArray<ItemRecord>> RunAsync(Student student, int parallel = 4, ProtocolOptions? options = null)
    {
        var plan = PlanOf(options ?? new ProtocolOptions());
        using var open = EvaluationFolder.Open(folder, plan);
        return await new EvaluationRun(Suite, new RobustProtocol(), plan, TimeProvider.System)
            .RunAsync(student, null, open, [], parallel, null, Cancelled);
    }

    private static EvaluationTask TaskOf(string name, int items) =>
        new(name, [.. Enumerable.Range(0, items).Select(row => ItemOf(name, row))]);

    private static EvaluationItem ItemOf(string name, int row) => new()
    {
        Suite = "own",
        Task = name,
        Row = row,
        Question = $"{row} + {(name == "a" ? "0" : "00")} =",
        Gold = [$"{row}"],
        Kind = AnswerKind.Number,
    };

    private sealed class Student(Func<int, string?> answer) : ITextGenerator
    {
        private int left = int.MaxValue;

        public string Name => "scripted";

        public ConcurrentBag<string> Asked { get; } = [];

        public int Answered { get; private set; }

        public Student BreakingAfter(int answers)
        {
            left = answers;
            return this;
        }

        public async Task<GeneratedAnswer> GenerateAsync(Prompt prompt, CancellationToken cancellationToken)
        {
            await Task.Yield();
            lock (this)
            {
                if (left-- <= 0)
                {
                    throw new IOException("the line is cut");
                }

                Answered++;
            }

            Asked.Add(prompt.Text);
            return answer(int.Parse(prompt.Text.Split(' ')[0])) is { } text
                ? new GeneratedAnswer(text, "7") { Tokens = 5 }
                : GeneratedAnswer.Refused("the prompt is too long");
        }
    }

    private sealed class ShortScorer(string tooLong) : ITextScorer
    {
        public string Name => "scripted";

        public Task<AnswerLoss> LossAsync(Prompt prompt, string answer, CancellationToken cancellationToken) =>
            prompt.Text.Contains(tooLong, StringComparison.Ordinal)
                ? Task.FromException<AnswerLoss>(new ArgumentException("too long"))
                : Task.FromResult(new AnswerLoss(answer == " (B)y" ? 1 : 2, 1, "7"));

        public string? RefusalOf(Exception failure) => failure is ArgumentException ? failure.Message : null;
    }

    private sealed class Scorer : ITextScorer
    {
        public string Name => "scripted";

        public Task<AnswerLoss> LossAsync(Prompt prompt, string answer, CancellationToken cancellationToken) =>
            Task.FromResult(new AnswerLoss(answer == " (B)y" ? 1 : 2, 1, "7"));
    }
}
