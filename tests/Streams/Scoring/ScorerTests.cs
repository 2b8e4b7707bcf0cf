using Orca.Streams.Collecting;
using Orca.Streams.Scoring;
using Orca.Streams.Storage;
using Orca.Streams.Teachers;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Scoring;

public sealed class ScorerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("", 0)]
    [InlineData("  one\n two\tthree ", 3)]
    public void Words_are_counted(string response, double words) =>
        Assert.Equal(words, new WordsScorer().Score(Questions.Trace("q", response)));

    [Theory]
    [InlineData("7", 0)]
    [InlineData("The answer is 7.", 0)]
    [InlineData("Three rows of four are twelve eggs, because rows multiply. So the answer is 12.", 2)]
    [InlineData("3 * 4 = 12 eggs. 12 + 0.5 = 12.5 in all.", 2)]
    [InlineData("1. Count the rows.\n2. Count the eggs.\n3. Multiply.", 3)]
    [InlineData("It is red. It is round. It is an apple.", 0)]
    public void Steps_are_what_infers_computes_or_is_numbered(string response, double steps) =>
        Assert.Equal(steps, new StepsScorer().Score(Questions.Trace("q", response)));

    [Theory]
    [InlineData("\ud800\udc00\ud800")]
    [InlineData("....!!!!;;;;\n\n\n1.1.1.1.")]
    [InlineData("=")]
    public void Odd_texts_are_scored_too(string response) =>
        Assert.Equal(2, Scorers.Of(Scorers.Of(Scorers.Names), Questions.Trace("q", response)).Length);

    [Fact]
    public void A_scorer_that_fails_gives_no_score_and_ends_nothing() =>
        Assert.Equal(["words"], Scorers.Of([new FailingScorer(), new WordsScorer()], Questions.Trace("q", "x")).Select(score => score.Name));

    [Fact]
    public void A_name_that_is_not_known_is_refused() =>
        Assert.Contains("words, steps", Assert.Throws<TaskFormatException>(() => Scorers.Of(["depth"])).Message);

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

        public double? Score(Trace trace) => throw new FormatException("an odd answer");
    }
}
