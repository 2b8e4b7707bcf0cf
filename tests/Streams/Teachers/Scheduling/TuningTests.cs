using Orca.Streams.Storage;
using Orca.Streams.Teachers;
using Orca.Streams.Teachers.Budgets;
using Orca.Streams.Teachers.Endpoints;
using Orca.Streams.Teachers.Scheduling;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Teachers.Scheduling;

/// <summary>What commands set of endpoints and budgets acts on the next call.</summary>
public sealed class TuningTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void An_endpoint_that_is_switched_off_gets_no_new_call_and_what_is_under_way_ends() => Simulation.Run(async time =>
    {
        var (one, other) = (Endpoint(time), Endpoint(time));
        using var scheduler = Of(time, [("one", one), ("other", other)], concurrency: 2);
        var answers = Enumerable.Range(0, 40).Select(number => AskAsync(scheduler, $"{number}", "one", "other")).ToList();
        await Task.Delay(TimeSpan.FromSeconds(1.5), time);
        var before = one.Calls.Count;
        scheduler.Tune(Tuned("one", new EndpointTuning { Enabled = false }));

        await Task.WhenAll(answers);
        Assert.Equal((before, 40), (one.Calls.Count, one.Calls.Count + other.Calls.Count));
        Assert.True(before > 0);
    });

    [Fact]
    public void Where_all_are_off_questions_wait_and_go_on_when_one_is_on_again() => Simulation.Run(async time =>
    {
        var endpoint = Endpoint(time);
        using var scheduler = Of(time, [("one", endpoint)]);
        scheduler.Tune(Tuned("one", new EndpointTuning { Enabled = false }));
        var answer = AskAsync(scheduler, "a", "one");
        await Task.Delay(TimeSpan.FromHours(3), time);
        Assert.Equal((0, 1), (endpoint.Calls.Count, scheduler.Waiting));

        scheduler.Tune(TeacherTuning.None);
        Assert.Equal("x", await answer);
        Assert.Equal(TimeSpan.FromHours(3), Assert.Single(endpoint.Calls).At);
    });

    [Fact]
    public void A_question_can_be_given_up_while_its_endpoint_is_off() => Simulation.Run(async time =>
    {
        using var scheduler = Of(time, [("one", Endpoint(time))]);
        scheduler.Tune(Tuned("one", new EndpointTuning { Enabled = false }));
        using var leaving = new CancellationTokenSource(TimeSpan.FromMinutes(1), time);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => scheduler.AskAsync(Questions.Request("a"), ["one"], leaving.Token));
        Assert.Equal((0, 0), (scheduler.InFlight, scheduler.Waiting));
    });

    [Theory]
    [InlineData(null, 60, 40, 60)]
    [InlineData(600.0, 60, 40, 60)]
    [InlineData(60.0, 600, 400, 600)]
    public void A_quota_that_is_set_holds_from_the_next_call_on_and_counts_what_was_used_before(
        double? before, int set, int least, int most) => Simulation.Run(async time =>
    {
        var endpoint = Endpoint(time);
        using var scheduler = Of(time, [("one", endpoint)], concurrency: 200, requestsPerMinute: before);
        using var end = new CancellationTokenSource(TimeSpan.FromMinutes(10), time);
        var asking = Task.WhenAll(Enumerable.Range(0, 200).Select(async _ =>
        {
            while (!end.IsCancellationRequested)
            {
                await AskAsync(scheduler, "a", "one");
                await Task.Delay(TimeSpan.FromSeconds(10), time);
            }
        }));
        await Task.Delay(TimeSpan.FromMinutes(2), time);
        scheduler.Tune(Tuned("one", new EndpointTuning { RequestsPerMinute = set }));
        await Task.Delay(TimeSpan.FromMinutes(3), time);

        for (var from = TimeSpan.FromMinutes(1.5); from < TimeSpan.FromMinutes(4); from += TimeSpan.FromSeconds(5))
        {
            var (until, changed) = (from + TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2));
            var calls = endpoint.Calls.Where(call => call.At > from && call.At <= until).ToList();
            Assert.True(
                calls.Count(call => call.At > changed) <= Math.Max(0, most - calls.Count(call => call.At <= changed)),
                $"{calls.Count} calls in the minute from {from}");
        }

        var last = endpoint.Calls.Count(call => call.At > TimeSpan.FromMinutes(4) && call.At <= TimeSpan.FromMinutes(5));
        Assert.InRange(last, least, most);
        scheduler.Tune(Tuned("one", new EndpointTuning { RequestsPerMinute = 1_000_000 }));
        await end.CancelAsync();
        await asking;
    });

    [Fact]
    public void What_an_endpoint_itself_names_holds_whatever_is_set()
    {
        var quota = new Quota(100);
        quota.Learn(80);
        Assert.Equal(80, quota.PerMinute);
        quota.Limit(TimeSpan.Zero, 500);
        Assert.Equal(80, quota.PerMinute);
        quota.Limit(TimeSpan.Zero, 20);
        Assert.Equal(20, quota.PerMinute);
        quota.Limit(TimeSpan.Zero, null);
        Assert.Equal(80, quota.PerMinute);
    }

    [Fact]
    public void A_budget_below_what_is_spent_ends_the_asking_in_words_and_one_that_is_raised_lets_it_go_on() => Simulation.Run(async time =>
    {
        using var ledger = Ledger(new Budget(BudgetScope.Run, "", 10));
        var endpoint = Endpoint(time);
        using var scheduler = Of(time, [("one", endpoint)], ledger: ledger);
        await AskAsync(scheduler, "a", "one");

        scheduler.Tune(new TeacherTuning { Budget = 0.00001m });
        var failure = await Assert.ThrowsAsync<TeacherException>(() => AskAsync(scheduler, "b", "one"));
        Assert.StartsWith("The budget of the run is used up: of $0.00001 $0.00002 are spent or reserved", failure.Message);
        Assert.Equal(BudgetScope.Run, failure.SpentBudget?.Scope);

        scheduler.Tune(new TeacherTuning { Budget = 1 });
        Assert.Equal("x", await AskAsync(scheduler, "b", "one"));
        scheduler.Tune(TeacherTuning.None);
        Assert.Equal("x", await AskAsync(scheduler, "c", "one"));
        Assert.Equal(3, endpoint.Calls.Count);
    });

    [Fact]
    public void Questions_that_wait_for_room_in_a_budget_go_on_when_it_is_raised() => Simulation.Run(async time =>
    {
        // Room for one call at a time: the second waits for what the first will have cost.
        using var ledger = Ledger(new Budget(BudgetScope.Run, "", 0.0004m));
        var endpoint = new ScriptedEndpoint(time, (_, _) => ScriptedEndpoint.Answer) { Latency = TimeSpan.FromMinutes(30) };
        using var scheduler = Of(time, [("one", endpoint)], ledger: ledger);
        var answers = Enumerable.Range(0, 3).Select(number => AskAsync(scheduler, $"{number}", "one")).ToList();
        await Task.Delay(TimeSpan.FromMinutes(1), time);
        Assert.Single(endpoint.Calls);

        scheduler.Tune(new TeacherTuning { Budget = 5 });
        await Task.WhenAll(answers);
        Assert.Equal([0, 1, 1], endpoint.Calls.Select(call => (int)call.At.TotalMinutes));
    });

    [Fact]
    public async Task A_stores_ledger_holds_to_the_budget_that_is_set_and_to_its_own_again()
    {
        await using var store = TraceStore.Open(folder["traces.db"]);
        var ledger = store.Ledger(new Budget(BudgetScope.Run, "", 10), new Budget(BudgetScope.Stage, "expert", 1));
        Task<Reservation> ReserveAsync(string stage) =>
            ledger.ReserveAsync(new CallIntent("id", stage, "e", "m", 1, 2), CancellationToken.None);

        ledger.Limit(1);
        Assert.Equal(new Budget(BudgetScope.Run, "", 1), (await ReserveAsync("assistant")).Exhausted);
        ledger.Limit(null);
        Assert.Null((await ReserveAsync("assistant")).Exhausted);
        ledger.Limit(100);
        Assert.Equal(BudgetScope.Stage, (await ReserveAsync("expert")).Exhausted?.Scope);
    }

    private ImmediateLedger Ledger(Budget budget) =>
        new(StoreFile.OpenWriter(folder["traces.db"], new TraceStoreOptions { Durability = Durability.ProcessDeath }), budget);

    private static ScriptedEndpoint Endpoint(Simulation time) => new(time, (_, _) => ScriptedEndpoint.Answer);

    private static TeacherTuning Tuned(string endpoint, EndpointTuning tuning) =>
        new() { Endpoints = TeacherTuning.None.Endpoints.Add(endpoint, tuning) };

    private static RequestScheduler Of(
        Simulation time, (string Name, ScriptedEndpoint Client)[] endpoints, int concurrency = 16, double? requestsPerMinute = null,
        IAttemptLedger? ledger = null) => new(
            endpoints.Select(endpoint => new TeacherEndpoint(
                new EndpointOptions
                {
                    Name = endpoint.Name,
                    Model = "m",
                    Concurrency = concurrency,
                    RequestsPerMinute = requestsPerMinute,
                    MaxTokens = 100,
                    PriceIn = 1,
                    PriceOut = 2,
                    Timeout = TimeSpan.FromHours(1),
                },
                endpoint.Client, time)),
            ledger: ledger, time: time, random: () => 0);

    private static async Task<string> AskAsync(RequestScheduler scheduler, string question, params string[] endpoints) =>
        (await scheduler.AskAsync(Questions.Request(question), [.. endpoints], CancellationToken.None)).Response;
}
