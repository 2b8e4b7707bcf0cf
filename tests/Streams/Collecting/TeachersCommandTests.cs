using Orca.Streams.Collecting;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Storage;
using Orca.Streams.Teachers;
using Orca.Streams.Teachers.Budgets;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Collecting;

/// <summary>Commands steer the teachers of a run that goes on, and of the next start.</summary>
public sealed class TeachersCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task What_a_command_sets_holds_before_its_receipt_is_given_and_from_the_start_after_a_restart()
    {
        var teacher = Answering();
        await using (var run = Run(teacher, 10))
        {
            run.Start();
            await ApplyAsync(run, "1", Tuned("m", new EndpointTuning { RequestsPerMinute = 7 }));
            Assert.Equal(7, teacher.Tunings[^1].Endpoints["m"].RequestsPerMinute);
            await ApplyAsync(run, "2", new TeacherTuning { Budget = 3 });
            await ApplyAsync(run, "3", Tuned("m", new EndpointTuning { Enabled = true }));
            Assert.Equal((3, 3), (teacher.Tunings.Count, teacher.Tunings[^1].Budget));
            Assert.Equal(new EndpointTuning { Enabled = true, RequestsPerMinute = 7 }, teacher.Tunings[^1].Endpoints["m"]);
            await run.KillAsync();
        }

        var next = Answering();
        await using var again = Run(next, 10);
        Assert.Equal(3, Assert.Single(next.Tunings).Budget);
        Assert.Equal(7, next.Tunings[0].Endpoints["m"].RequestsPerMinute);
    }

    [Fact]
    public async Task Other_commands_leave_teachers_alone_and_nothing_is_set_without_one()
    {
        var teacher = Answering();
        await using var run = Run(teacher, 50);
        run.Start();
        await run.Curriculum.ApplyAsync(new CommandEnvelope("1", new PauseCommand()), Cancelled);
        await run.Curriculum.ApplyAsync(new CommandEnvelope("2", new ResumeCommand()), Cancelled);
        await run.ReadAsync(1000);

        Assert.Empty(teacher.Tunings);
    }

    [Fact]
    public async Task An_endpoint_is_switched_off_and_on_while_questions_are_asked()
    {
        await using var server = new ChatServer(_ => ChatServer.Reply("The answer is 7."));
        TestRun? run = null;
        var teacher = Late(() => run!, server);
        await using var running = run = Run(teacher, 40, credits: 4, TestRun.Stages(capacity: 1));
        run.Start();
        await run.ReadAsync(3);
        await ApplyAsync(run, "off", Tuned("m", new EndpointTuning { Enabled = false }));

        // What is under way ends, and the trainer takes everything that is there.
        var lessons = run.ReadAsync(1000);
        await Task.Delay(300, Cancelled);
        var before = server.Requests.Count;
        await Task.Delay(300, Cancelled);
        Assert.Equal(before, server.Requests.Count);

        await ApplyAsync(run, "on", Tuned("m", new EndpointTuning { Enabled = true }));
        await lessons;
        Assert.InRange(before, 3, 39);
        Assert.Equal(40, server.Requests.Count);
    }

    [Fact]
    public async Task A_budget_below_what_is_spent_ends_collecting_and_one_that_is_raised_goes_on_in_the_next_start()
    {
        await using var server = new ChatServer(_ => ChatServer.Reply("The answer is 7."));
        TestRun? run = null;
        var teacher = Late(() => run!, server, new Budget(BudgetScope.Run, "", 100));
        var told = new List<BudgetUsedUp>();
        await using (run = Run(teacher, 40, credits: 4, TestRun.Stages(capacity: 1)))
        {
            run.Pipeline.Events.Subscribe(happened => told.AddRange(happened is BudgetUsedUp spent ? [spent] : []));
            run.Start();
            await run.ReadAsync(3);
            await ApplyAsync(run, "less", new TeacherTuning { Budget = 0.000001m });
            await run.ReadAsync(1000);

            Assert.Equal(CollectionEnd.BudgetSpent, await (Task<CollectionEnd>)run.PipelineLoop);
            Assert.StartsWith("The budget of the run is used up: of $0.000001 ", Assert.Single(told).Message);
            Assert.InRange(server.Requests.Count, 3, 39);
            await run.StopAsync();
        }

        // It is in the journal still, and a command takes it back.
        teacher = Late(() => run!, server, new Budget(BudgetScope.Run, "", 100));
        await using (run = Run(teacher, 40))
        {
            run.Start();
            Assert.Equal(CollectionEnd.BudgetSpent, await (Task<CollectionEnd>)run.PipelineLoop);
            await ApplyAsync(run, "more", new TeacherTuning { Budget = 50 });
            await run.StopAsync();
        }

        teacher = Late(() => run!, server, new Budget(BudgetScope.Run, "", 100));
        await using (run = Run(teacher, 40))
        {
            run.Start();
            await run.ReadAsync(1000);
            await run.PipelineLoop;
            Assert.Equal(40, run.Store.Counts.Settled);
            Assert.Equal(40, server.Requests.Count);
        }
    }

    private static LateTeacher Answering() =>
        new(() => new FakeTeacher((request, _) => Task.FromResult(request.Query.Explanation!)));

    private static LateTeacher Late(Func<TestRun> run, ChatServer server, params Budget[] budgets) => new(() =>
    {
        var options = Endpoints.Options(server) with { PriceIn = 1, PriceOut = 1, MaxTokens = 100 };
        return new EndpointTeacher(
            new Streams.Teachers.Scheduling.RequestScheduler(
                [Streams.Teachers.Endpoints.TeacherEndpoint.Open(options)], ledger: run().Store.Ledger(budgets)),
            ["m"]);
    });

    private TestRun Run(ITeacher teacher, int questions, int credits = 16, Streams.Curricula.CurriculumOptions? stages = null) => new(
        folder.Path, stages ?? TestRun.Stages(), [Sevens(questions)], teacher, new CollectionOptions { Credits = credits });

    private static ListSource Sevens(int count) =>
        new("cot", [.. Enumerable.Range(0, count).Select(number => Questions.Of("cot", $"question {number}", "7"))]);

    private static Task ApplyAsync(TestRun run, string id, TeacherTuning tuning) =>
        run.Curriculum.ApplyAsync(new CommandEnvelope(id, new TeachersCommand(tuning)), Cancelled);

    private static TeacherTuning Tuned(string endpoint, EndpointTuning tuning) =>
        new() { Endpoints = TeacherTuning.None.Endpoints.Add(endpoint, tuning) };
}
