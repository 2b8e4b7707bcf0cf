using Orca.Streams.Collecting;
using Orca.Streams.Collecting.StudentFirst;
using Orca.Streams.Storage;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Collecting;

/// <summary>The student answers first, and a teacher is paid for what it does not know.</summary>
public sealed class StudentFirstTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_question_that_the_student_knows_is_not_put_to_the_teacher()
    {
        var (student, teacher) = (new FakeStudent(IsEven), Answering());
        await using var run = Run(student, teacher, 20);
        await EndAsync(run);

        Assert.Equal(10, teacher.Asked.Count);
        var end = run.Statistics;
        Assert.Equal((20, 10, 10, 0, 0), (end.Queries, end.Known, end.Kept, end.Skipped, end.InFlight));
        Assert.Equal((20, 10, 0), (end.StudentAsked, end.StudentRight, end.StudentFailures));
        Assert.Equal((10, 10, 20), (run.Store.Counts.Accepted, run.Store.Counts.Skipped, run.Store.Counts.Questions));
        Assert.Equal(new StudentFigures(20, 10, 10, 0, 0, 0), Account.Of(run.Store.Path, traces => traces.Students()));
    }

    [Fact]
    public async Task It_must_be_right_as_often_as_the_margin_says_and_is_asked_no_further_once_that_is_decided()
    {
        foreach (var (margin, rightOnes, known, answers) in new[]
                 {
                     (new StudentMargin(3, 3), new[] { true, true, true }, true, 3), (new StudentMargin(3, 3), [true, false], false, 2),
                     (new StudentMargin(3, 3), [false], false, 1), (new StudentMargin(1, 1), [true], true, 1),
                     (new StudentMargin(2, 3), [true, false, true], true, 3), (new StudentMargin(2, 3), [false, false], false, 2),
                 })
        {
            using var place = new TemporaryFolder();
            var student = new FakeStudent((request, sample, _) => Task.FromResult<string?>(
                rightOnes[sample] ? FakeStudent.RightAnswer(request) : "The answer is wrong."));
            var teacher = Answering();
            await using var run = Run(student, teacher, 1, options => options with { Margin = margin }, place: place.Path);
            await EndAsync(run);

            Assert.Equal((known ? 0 : 1, answers), (teacher.Asked.Count, student.Asked.Count));
        }
    }

    [Fact]
    public async Task A_question_without_a_right_answer_to_compare_with_is_put_to_the_teacher_alone()
    {
        var (student, teacher) = (new FakeStudent(_ => true), Answering());
        var questions = Enumerable.Range(0, 5).Select(number => Questions.Of("cot", $"say {number}", "x") with { GoldAnswers = [] });
        await using var run = Run(student, teacher, [.. questions]);
        await EndAsync(run);

        Assert.Equal((0, 5, 5), (student.Asked.Count, teacher.Asked.Count, run.Statistics.Kept));
    }

    [Fact]
    public async Task A_share_is_asked_whatever_the_student_says_the_same_one_each_time()
    {
        var asked = new List<List<string>>();
        foreach (var seed in new[] { 1, 1, 2 })
        {
            using var place = new TemporaryFolder();
            var (student, teacher) = (new FakeStudent(_ => true), Answering());
            await using var run = Run(
                student, teacher, 300, options => options with { AskAnywayShare = 0.2, Seed = seed }, place: place.Path);
            await EndAsync(run);

            asked.Add([.. teacher.Asked.Order(StringComparer.Ordinal)]);
            Assert.InRange(teacher.Asked.Count, 35, 85);
            var end = run.Statistics;
            Assert.Equal(
                (teacher.Asked.Count, teacher.Asked.Count, 300 - teacher.Asked.Count), (end.AskedAnyway, end.AskedAnywayRight, end.Known));
        }

        Assert.Equal(asked[0], asked[1]);
        Assert.NotEqual(asked[0], asked[2]);
    }

    [Fact]
    public async Task Of_those_asked_anyway_it_is_counted_how_often_the_student_is_right()
    {
        await using var run = Run(new FakeStudent(IsEven), Answering(), 40, options => options with { AskAnywayShare = 1 });
        await EndAsync(run);

        Assert.Equal((40, 20, 0, 40), (run.Statistics.AskedAnyway, run.Statistics.AskedAnywayRight, run.Statistics.Known,
            run.Statistics.Kept));
    }

    [Fact]
    public async Task A_student_that_fails_stops_nothing_and_it_is_told()
    {
        var told = new List<StudentFailed>();
        var teacher = Answering();
        var student = new FakeStudent((_, _, _) => throw new InvalidOperationException("no version is there yet"));
        await using var run = Run(student, teacher, 20);
        run.Pipeline.Events.Subscribe(happened => told.AddRange(happened is StudentFailed failed ? [failed] : []));
        await EndAsync(run);

        Assert.Equal((20, 20, 20), (teacher.Asked.Count, run.Statistics.Kept, run.Statistics.StudentFailures));
        Assert.All(told, failed => Assert.Equal("no version is there yet", failed.Message));
        Assert.Equal(0, run.Store.Counts.Skipped);
    }

    [Fact]
    public async Task A_student_that_never_answers_is_waited_for_once_and_then_left_alone_for_a_while()
    {
        var student = new FakeStudent((_, _, _) => new TaskCompletionSource<string?>().Task);
        await using var run = Run(
            student, Answering(), 500, options => options with { Patience = TimeSpan.FromMilliseconds(50), Rest = TimeSpan.FromHours(1) });
        await EndAsync(run);

        Assert.Equal((500, 500), (run.Statistics.Kept, run.Statistics.StudentFailures));
        Assert.InRange(student.Asked.Count, 1, 50);
    }

    [Fact]
    public async Task A_question_that_the_student_can_never_answer_is_no_failure_of_it()
    {
        await using var run = Run(new FakeStudent((_, _, _) => Task.FromResult<string?>(null)), Answering(), 5);
        await EndAsync(run);

        Assert.Equal((5, 0, 0), (run.Statistics.Kept, run.Statistics.StudentFailures, run.Statistics.StudentAsked));
    }

    [Fact]
    public async Task A_student_that_guesses_knows_nothing_however_often_it_is_right()
    {
        foreach (var (isGuessing, least, most) in new[] { (true, 0, 0), (false, 85, 100) })
        {
            using var place = new TemporaryFolder();
            var student = new FakeStudent((request, _, _) => Task.FromResult<string?>(
                isGuessing ? "The answer is yes." : FakeStudent.RightAnswer(request)));
            var questions = Enumerable.Range(0, 100).Select(number =>
                Questions.Of("cot", $"Is it so? {number}", number % 2 == 0 ? "no" : "yes", Streams.Answers.AnswerKind.YesNo)
                    with
                { Chance = 0.5 });

            // One after another, so that what it is known by is known.
            await using var run = Run(student, Answering(), [.. questions], place: place.Path, credits: 1);
            await EndAsync(run);

            Assert.InRange(run.Statistics.Known, least, most);
        }
    }

    [Fact]
    public async Task The_order_is_that_of_the_questions_whoever_answers_first()
    {
        var ordinary = new TemporaryFolder();
        await using var without = new TestRun(
            ordinary.Path, TestRun.Stages(), [ListSource.Of("cot", 60)], new RecordedTeacher()).Start();
        await without.ReadAsync(1000);
        var random = new Random(3);
        var student = new FakeStudent(async (request, _, cancellationToken) =>
        {
            int milliseconds;
            lock (random)
            {
                milliseconds = random.Next(5);
            }

            await Task.Delay(milliseconds, cancellationToken);
            return IsEven(request) ? FakeStudent.RightAnswer(request) : "The answer is wrong.";
        });
        await using var run = Run(student, new RecordedTeacher(), 60, credits: 7);
        await EndAsync(run);

        Assert.Equal(
            without.Store.Accepted("expert", 0, 100).Select(trace => trace.Trace.Request).Where(request => !IsEven(request))
                .Select(request => request.Id),
            run.Store.Accepted("expert", 0, 100).Select(trace => trace.Trace.Request.Id));
        Assert.InRange(student.MostAtOnce, 2, 7);
        ordinary.Dispose();
    }

    [Fact]
    public async Task What_is_skipped_gives_its_credit_back()
    {
        await using var run = Run(new FakeStudent(_ => true), Answering(), 200, credits: 3);
        await EndAsync(run);

        Assert.Equal(CollectionEnd.QuestionsUsedUp, await (Task<CollectionEnd>)run.PipelineLoop);
        Assert.Equal((200, 0), (run.Statistics.Known, run.Statistics.InFlight));
    }

    [Fact]
    public async Task A_question_that_the_student_knows_is_a_candidate_that_has_come_to_its_end()
    {
        await using var run = Run(new FakeStudent(_ => true), Answering(), 200, goal: new CollectionGoal { Candidates = 12 });
        await EndAsync(run);

        Assert.Equal(CollectionEnd.CandidatesUsedUp, await (Task<CollectionEnd>)run.PipelineLoop);
        Assert.Equal(12, run.Statistics.Known);
    }

    [Fact]
    public async Task Over_kills_no_question_is_settled_twice_nor_the_student_asked_again_what_is_written_of_it()
    {
        var (questions, random) = (120, new Random(8));
        for (var start = 0; start < 6; start++)
        {
            var (known, answered) = (new HashSet<string>(), new HashSet<string>());
            if (start > 0)
            {
                await using var store = TraceStore.Open(folder["traces.db"]);
                known = [.. store.LastStudentOutcomes(1000).Select(outcome => outcome.RequestId)];
                answered = [.. Account.Of(store.Path, traces => traces.Read(new TraceFilter()).Where(trace => trace.Answer is not null)
                    .Select(trace => trace.Id).ToList())];
            }

            var (student, teacher) = (new FakeStudent(IsEven), Answering());
            await using var run = Run(student, teacher, questions, credits: 9);
            run.Start();
            await run.ReadAsync(start == 5 ? 1000 : 3 + random.Next(8));
            await (start < 5 ? run.KillAsync() : run.PipelineLoop);
            Assert.DoesNotContain(student.Asked, asked => known.Contains(asked.Request));
            Assert.DoesNotContain(teacher.Asked, answered.Contains);
            if (start < 5)
            {
                continue;
            }

            Assert.Equal((60, 60), (run.Store.Counts.Accepted, run.Store.Counts.Skipped));
            Assert.Equal(120, run.Pipeline.Student.Of("cot", "task").Answers);
        }
    }

    [Fact]
    public async Task What_was_skipped_stays_so_without_the_student_and_comes_again_in_the_next_stage()
    {
        await using (var run = Run(new FakeStudent(_ => true), Answering(), 10, stages: TestRun.Stages(assistant: 100)))
        {
            await EndAsync(run);
            Assert.Equal((20, 20), (run.Statistics.Known, run.Store.Counts.Skipped));
        }

        var teacher = Answering();
        await using var again = new TestRun(folder.Path, TestRun.Stages(assistant: 100), [ListSource.Of("cot", 10)], teacher).Start();
        await again.ReadAsync(100);
        await again.PipelineLoop;
        Assert.Empty(teacher.Asked);
    }

    [Fact]
    public async Task Cancelled_while_the_student_answers_the_question_is_left_open()
    {
        var student = new FakeStudent(async (_, _, cancellationToken) =>
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return null;
        });
        var teacher = Answering();
        await using var run = Run(student, teacher, 20, credits: 4);
        run.Start();
        await Patience.Until(() => student.Asked.Count == 4);
        await run.StopAsync();

        Assert.Empty(teacher.Asked);
        Assert.Equal((0, 0), (run.Statistics.Queries, run.Statistics.InFlight));
        Assert.Null(run.Store.Position());
    }

    [Fact]
    public async Task The_curriculum_hears_how_often_the_student_is_right_by_task_and_difficulty()
    {
        var questions = Enumerable.Range(0, 20).Select(number => Questions.Of("cot", $"question {number}", $"{number}")
            with
        { Difficulty = 1 + (number / 10) });
        await using var run = Run(new FakeStudent(request => request.Query.Difficulty == 1), Answering(), [.. questions]);
        await EndAsync(run);

        var tallies = run.Pipeline.Student;
        Assert.Equal((20, 10), (tallies.Of("cot", "task").Answers, tallies.Of("cot", "task").Right));
        Assert.Equal((1, 0), (tallies.Of("cot", "task", 1).Accuracy, tallies.Of("cot", "task", 2).Accuracy));
        Assert.Equal(0, tallies.Of("cot", "other").Answers);
    }

    private static bool IsEven(TeacherRequest request) => int.Parse(request.Query.GoldAnswers[0]) % 2 == 0;

    private static FakeTeacher Answering() => new((request, _) => Task.FromResult(request.Query.Explanation!));

    private TestRun Run(
        IStudent student, ITeacher teacher, int questions, Func<StudentOptions, StudentOptions>? change = null, string? place = null,
        int credits = 16, CollectionGoal? goal = null, Streams.Curricula.CurriculumOptions? stages = null) =>
        Run(student, teacher, ListSource.Of("cot", questions), change, place, credits, goal, stages);

    private TestRun Run(
        IStudent student, ITeacher teacher, IReadOnlyList<TaskQuery> questions, string? place = null, int credits = 16) =>
        Run(student, teacher, new ListSource("cot", questions), null, place, credits, null, null);

    private TestRun Run(
        IStudent student, ITeacher teacher, ListSource source, Func<StudentOptions, StudentOptions>? change, string? place, int credits,
        CollectionGoal? goal, Streams.Curricula.CurriculumOptions? stages)
    {
        var options = new StudentOptions(student) { AskAnywayShare = 0 };
        return new TestRun(place ?? folder.Path, stages ?? TestRun.Stages(), [source], teacher, new CollectionOptions
        {
            Credits = credits,
            Goal = goal ?? new CollectionGoal(),
            Student = change?.Invoke(options) ?? options,
        });
    }

    private static async Task EndAsync(TestRun run)
    {
        run.Start();
        await run.ReadAsync(1000);
        await run.PipelineLoop;
    }
}
