using Orca.Streams.Answers;
using Orca.Streams.Collecting;
using Orca.Streams.Scoring;
using Orca.Streams.Screening;
using Orca.Streams.Sieves;
using Orca.Streams.Storage;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Collecting;

/// <summary>A run whose questions and answers are hostile goes on to its end, and every answer that was paid for has its verdict.</summary>
public sealed class HostileAnswersTests : IDisposable
{
    private const int Count = 300;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Every_hostile_answer_to_a_hostile_question_is_settled_and_no_screen_fails()
    {
        var texts = HostileTexts.OfBuiltInTasks(5);
        var questions = Enumerable.Range(0, Count)
            .Select(number => Questions.Of("hostile", texts.At(number), texts.At(number + Count), KindOf(number)))
            .DistinctBy(question => question.Id).ToList();
        var numbers = questions.Index().ToDictionary(question => question.Item.Id, question => question.Index);
        var teacher = new FakeTeacher((request, _) => Task.FromResult(texts.At((2 * Count) + numbers[request.Query.Id])));
        var exam = folder.Write("exam.txt", texts.At(0));
        await using var run = new TestRun(
            folder.Path,
            TestRun.Stages(capacity: Count),
            [new ListSource("hostile", questions)],
            teacher,
            new CollectionOptions
            {
                Sieves =
                [
                    new ContaminationSieve(ContaminationIndex.Read(new EvaluationSet("exam", exam))),
                    new RepetitionSieve(new RepeatedQuestions(Count)),
                ],
                Scorers = Scorers.Of(Scorers.Names),
                Control = new ControlArm(0.1),
            },
            ScreenSet.All.With(new NearDuplicateScreen(new NearDuplicates(Count)))).Start();

        await run.PipelineLoop.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        var now = run.Statistics;
        Assert.Equal((0, 0, 0), (now.InFlight, now.Failed, now.TeacherFailures));
        Assert.Equal(questions.Count - now.LeftOutBySieve.Values.Sum(), now.Kept + now.Rejected);
        Assert.True(now.Kept > 0 && now.Rejected > Count / 2, $"{now.Kept} kept, {now.Rejected} rejected");
        Assert.DoesNotContain(ScreenSet.Error, now.RejectedByScreen.Keys);
        Assert.Empty(run.Store.LeftOpen("expert"));
        Assert.All(teacher.Asked, id => Assert.True(run.Store.Find(id)!.Outcome is TraceOutcome.Accepted or TraceOutcome.Rejected));
    }

    private static AnswerKind KindOf(int number) => TextReaders.Golds[number % TextReaders.Golds.Length].Kind;
}
