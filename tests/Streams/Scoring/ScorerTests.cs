using System.Collections.Immutable;
using Orca.Streams.Answers;
using Orca.Streams.Collecting;
using Orca.Streams.Scoring;
using Orca.Streams.Storage;
using Orca.Streams.Teachers;
using Orca.Streams.Tests.Support;
using Stopwatch = System.Diagnostics.Stopwatch;

namespace Orca.Streams.Tests.Scoring;

public sealed class ScorerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("", 0)]
    [InlineData("  one\n two\tthree ", 3)]
    public async Task Words_are_counted(string response, double words) =>
        Assert.Equal(words, await ScoreAsync(new WordsScorer(), response));

    [Theory]
    [InlineData("7", 0)]
    [InlineData("The answer is 7.", 0)]
    [InlineData("Three rows of four are twelve eggs, because rows multiply. So the answer is 12.", 2)]
    [InlineData("3 * 4 = 12 eggs. 12 + 0.5 = 12.5 in all.", 2)]
    [InlineData("1. Count the rows.\n2. Count the eggs.\n3. Multiply.", 3)]
    [InlineData("It is red. It is round. It is an apple.", 0)]
    public async Task Steps_are_what_infers_computes_or_is_numbered(string response, double steps) =>
        Assert.Equal(steps, await ScoreAsync(new StepsScorer(), response));

    [Theory]
    [InlineData("\ud800\udc00\ud800")]
    [InlineData("....!!!!;;;;\n\n\n1.1.1.1.")]
    [InlineData("=")]
    public async Task Odd_texts_are_scored_too(string response)
    {
        var (trace, other) = (Questions.Trace("q", response), Questions.Trace("q", "The answer is 7."));
        var scores = await Scorers.OfAsync(Scorers.Of(["words", "steps"]), trace, [trace, other], (_, _) => { }, default);
        Assert.Equal(2, scores.Length);
    }

    [Fact]
    public async Task A_scorer_that_fails_gives_no_score_is_told_and_ends_nothing()
    {
        var trace = Questions.Trace("q", "x");
        var told = new List<string>();
        var scores = await Scorers.OfAsync(
            [new FailingScorer(), new WordsScorer()], trace, [trace],
            (scorer, failure) => told.Add($"{scorer.Name}: {failure.Message}"), default);
        Assert.Equal(["words"], scores.Select(score => score.Name));
        Assert.Equal(["failing: an odd answer"], told);
    }

    [Fact]
    public async Task A_scorer_that_says_in_its_own_way_that_it_was_cancelled_is_cancelled()
    {
        var (trace, told) = (Questions.Trace("q", "x"), new List<string>());
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAsync<OperationCanceledException>(async () => await Scorers.OfAsync(
            [new FailingScorer()], trace, [trace], (scorer, failure) => told.Add(failure.Message), cancelled.Token));
        Assert.Empty(told);
    }

    [Fact]
    public void A_name_that_is_not_known_is_refused() =>
        Assert.Contains("words, steps, agreement", Assert.Throws<TaskFormatException>(() => Scorers.Of(["depth"])).Message);

    [Theory]
    [InlineData(AnswerKind.Number, "The answer is 7.", "So it is 7.0", 1)]
    [InlineData(AnswerKind.Number, "The answer is 7.", "The answer is 8.", 0)]
    [InlineData(AnswerKind.MultipleChoice, "The answer is (B).", "It has to be red. The answer is red.", 1)]
    [InlineData(AnswerKind.MultipleChoice, "The answer is (B).", "The answer is (A).", 0)]
    [InlineData(AnswerKind.YesNo, "Yes, because it rains.", "It rains. The answer is yes.", 1)]
    [InlineData(AnswerKind.List, "The answer is: apple, berry", "apple berry", 1)]
    [InlineData(AnswerKind.FreeText, "I think so. The answer is Paris.", "Paris", 1)]
    [InlineData(AnswerKind.FreeText, "So the answer is Paris.", "So the answer is Rome.", 0)]
    [InlineData(AnswerKind.FreeText, "the dog sleeps here", "the dog eats here", 0.6)]
    public async Task Answers_agree_that_come_to_the_same_result(AnswerKind kind, string one, string other, double agreement)
    {
        var query = Questions.Of("cot", "Which colour?\n(A) green\n(B) red", "", kind) with { GoldAnswers = [] };
        var trace = Questions.Trace("q", one);
        trace = trace with { Request = trace.Request with { Query = query } };
        var second = trace with { Response = other };

        Assert.Equal(agreement, await new AgreementScorer().ScoreAsync(trace, [trace, second], default));
        Assert.Null(await new AgreementScorer().ScoreAsync(trace, [trace], default));
    }

    [Theory]
    [InlineData(AnswerKind.FreeText)]
    [InlineData(AnswerKind.Number)]
    public async Task Many_long_answers_are_compared_in_the_time_that_reading_them_takes(AnswerKind kind)
    {
        var query = Questions.Of("cot", "Who came?", "", kind) with { GoldAnswers = [] };
        var trace = Questions.Trace("q", "");
        var answers = Enumerable.Range(0, 64).Select(number => trace with
        {
            Request = trace.Request with { Query = query, Sample = number },
            Response = string.Concat(Enumerable.Repeat("The old man came in because it rained and so on. ", 600)) + (number % 4),
        }).ToImmutableArray();
        var scorer = new AgreementScorer();

        var began = Stopwatch.GetTimestamp();
        foreach (var answer in answers)
        {
            var agreement = await scorer.ScoreAsync(answer, answers, default);
            Assert.InRange(agreement!.Value, kind == AnswerKind.Number ? 15 / 63.0 : 0.5, kind == AnswerKind.Number ? 15 / 63.0 : 1);
        }

        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(4));
    }

    [Fact]
    public async Task Scores_of_accepted_answers_are_kept_with_them()
    {
        var teacher = new FakeTeacher((request, _) => Task.FromResult(
            request.Query.GoldAnswers[0] == "1" ? "The answer is none." : $"It is so, because I say so. The answer is {request.Query.GoldAnswers[0]}."));
        await using (var run = new TestRun(
            folder.Path, TestRun.Stages(), [ListSource.Of("cot", 3)], teacher,
            new CollectionOptions { Scorers = Scorers.Of(["steps", "words"]) }).Start())
        {
            await run.ReadAsync(3);
            await run.PipelineLoop;
        }

        using var traces = StoredTraces.Open(folder["traces.db"]);
        foreach (var trace in traces.Read(new TraceFilter()))
        {
            Assert.Equal(
                trace.State == TraceState.Accepted ? [new TraceScore("steps", 1), new TraceScore("words", 11)] : [],
                traces.Scores(trace.Key));
        }
    }

    private sealed class FailingScorer : IScorer
    {
        public string Name => "failing";

        public ValueTask<double?> ScoreAsync(Trace trace, ImmutableArray<Trace> answers, CancellationToken cancellationToken) =>
            throw new FormatException("an odd answer");
    }

    private static ValueTask<double?> ScoreAsync(IScorer scorer, string response)
    {
        var trace = Questions.Trace("q", response);
        return scorer.ScoreAsync(trace, [trace], default);
    }
}
