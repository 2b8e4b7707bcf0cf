using System.Collections.Concurrent;
using System.Collections.Immutable;
using Orca.Evaluation.Judges;
using Orca.Evaluation.Protocols;
using Orca.Evaluation.Recordings;
using Orca.Evaluation.Runs;
using Orca.Evaluation.Suites;
using Orca.Streams.Answers;
using Orca.Tests.Shared;

namespace Orca.Evaluation.Tests.Judges;

public sealed class JudgingRunTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("orca-judge-").FullName;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Every_question_is_judged_in_both_orders_and_its_review_kept_to_the_last_character()
    {
        var judge = new Judge();

        var judgements = await RunAsync(judge);

        Assert.Equal(24, judgements.Length);
        Assert.All(judge.Asked.CountBy(text => text), pair => Assert.Equal(1, pair.Value));
        Assert.Equal(12, judgements.Count(judgement => judgement.Order == ReviewOrder.CandidateFirst));
        var first = judgements.First(judgement => judgement.Order == ReviewOrder.ReferenceFirst);
        Assert.Equal(("scripted", new ReviewScores(7, 8), "7 8\nwell\n", 9, 3, 0.5m), (
            first.Judge, first.Scores, first.Review, first.PromptTokens, first.ReviewTokens, first.Cost));
        Assert.Equal(("mine 0".Length, "theirs 0".Length), (first.CandidateLength, first.ReferenceLength));
        using var open = JudgementFile.Open(folder);
        Assert.Equal(judgements.Select(one => one.Place).Order(), open.Done.Select(one => one.Place).Order());
    }

    [Fact]
    public async Task Stopped_at_any_place_it_goes_on_with_no_review_asked_for_twice_and_none_lost()
    {
        var judge = new Judge();
        for (var stops = 0; stops < 3; stops++)
        {
            judge.Left = 6;
            await Assert.ThrowsAsync<IOException>(() => RunAsync(judge));
        }

        judge.Left = int.MaxValue;
        Assert.Equal(24, (await RunAsync(judge)).DistinctBy(judgement => judgement.Place).Count());
        Assert.Equal(24, judge.Answered);
        Assert.Equal(24, (await RunAsync(judge)).Length);
        Assert.Equal(24, judge.Answered);
    }

    // As kills leave it, at some places of the last two lines and at their ends.
    [Fact]
    public async Task A_kill_between_or_within_two_appends_loses_none_that_was_whole()
    {
        await RunAsync(new Judge());
        var file = JudgementFile.Of(folder);
        var bytes = await File.ReadAllBytesAsync(file, Cancelled);
        var ends = bytes.Index().Where(one => one.Item == (byte)'\n').Select(one => one.Index + 1).ToList();
        foreach (var length in new[] { ends[^3], ends[^3] + 1, ends[^3] + 200, ends[^2] - 1, ends[^2], ends[^2] + 9, bytes.Length - 1 })
        {
            await File.WriteAllBytesAsync(file, bytes[..length], Cancelled);
            var judge = new Judge();

            Assert.Equal(24, (await RunAsync(judge)).Length);
            Assert.Equal(24 - ends.Count(end => end <= length), judge.Answered);
        }
    }

    [Fact]
    public async Task A_changed_answer_or_another_judge_is_judged_anew()
    {
        await RunAsync(new Judge());

        var changed = new Judge();
        Assert.Equal(24, (await RunAsync(changed, record => record.Row == 0 ? "other" : $"theirs {record.Row}")).Length);
        Assert.Equal(2, changed.Answered);

        var other = new Judge("another");
        Assert.All(await RunAsync(other), judgement => Assert.Equal("another", judgement.Judge));
        Assert.Equal(24, other.Answered);
    }

    [Fact]
    public async Task A_review_that_is_not_to_be_had_for_now_is_left_to_the_next_start()
    {
        var judge = new Judge { Silent = true };
        Assert.Empty(await RunAsync(judge));

        judge.Silent = false;
        Assert.Equal(24, (await RunAsync(judge)).Length);
    }

    [Fact]
    public void FastChat_s_answers_are_found_by_the_question_that_their_number_stands_for()
    {
        var table = SharedData.Require("open_ended_eval/vicuna_2023_table");
        var suite = JudgedQuestions.Vicuna("vicuna", Path.Combine(table, "question.jsonl"));

        var reference = ReferenceAnswers.Read(Path.Combine(table, "answer", "answer_gpt35.jsonl"));
        var found = suite.Items.Select(item => reference.Find(Record(item.Row, item.Task, item.Question))).ToList();

        Assert.Equal("answer_gpt35", reference.Name);
        Assert.Equal(80, found.OfType<string>().Distinct().Count());
        Assert.StartsWith("Here are some tips to improve your time management", reference.Find(
            Record(0, "generic", "How can I improve my time management skills?")));
    }

    [Fact]
    public void Answers_without_their_questions_and_files_of_another_form_are_told()
    {
        var file = Path.Combine(folder, "answer.jsonl");
        File.WriteAllText(file, """{"question_id": 1, "text": "an answer"}""");
        Assert.Contains("put their question.jsonl", Assert.Throws<EvaluationException>(() => ReferenceAnswers.Read(file)).Message);

        File.WriteAllText(Path.Combine(folder, "question.jsonl"), """{"question_id": 2, "text": "a question"}""");
        Assert.Contains("no answer to a question", Assert.Throws<EvaluationException>(() => ReferenceAnswers.Read(file)).Message);

        File.WriteAllText(file, """{"a": 1}""");
        Assert.Contains("no form that is known", Assert.Throws<EvaluationException>(() => ReferenceAnswers.Read(file)).Message);
    }

    private static ItemRecord Record(int row, string task, string question) => new()
    {
        Suite = "vicuna",
        Task = task,
        Row = row,
        Item = $"{task} {row}",
        Protocol = "robust",
        Prompt = new Prompt { Text = question },
        Question = question,
        Gold = [],
        Kind = AnswerKind.FreeText,
        Response = $"mine {row}",
        IsRight = false,
        Version = "1",
        Time = DateTimeOffset.UnixEpoch,
    };

    private async Task<ImmutableArray<Judgement>> RunAsync(Judge judge, Func<ItemRecord, string?>? reference = null)
    {
        var records = Enumerable.Range(0, 12).Select(row => Record(row, "generic", $"Question {row}?"));
        var requests = new ReviewRequests(1024, 0).Pairs(records, reference ?? (record => $"theirs {record.Row}"));
        using var file = JudgementFile.Open(folder);
        return await new JudgingRun(requests, judge, TimeProvider.System).RunAsync(file, 4, null, Cancelled);
    }

    private sealed class Judge(string name = "scripted") : IJudge
    {
        public string Name => name;

        public int Left { get; set; } = int.MaxValue;

        public bool Silent { get; set; }

        public int Answered { get; private set; }

        public ConcurrentBag<string> Asked { get; } = [];

        public async Task<Review?> ReviewAsync(ReviewRequest request, CancellationToken cancellationToken)
        {
            await Task.Yield();
            lock (this)
            {
                if (Left-- <= 0)
                {
                    throw new IOException("the line is cut");
                }

                Answered += Silent ? 0 : 1;
            }

            Asked.Add(request.Prompt.Text);
            return Silent ? null : new Review(request.Order == ReviewOrder.CandidateFirst ? "8 7\nwell\n" : "7 8\nwell\n", 9, 3, 0.5m);
        }
    }
}
