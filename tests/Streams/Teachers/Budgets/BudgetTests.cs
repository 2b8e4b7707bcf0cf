using System.Collections.Concurrent;
using Orca.Streams.Storage;
using Orca.Streams.Teachers;
using Orca.Streams.Teachers.Budgets;
using Orca.Streams.Teachers.Endpoints;
using Orca.Streams.Teachers.Scheduling;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Teachers.Budgets;

/// <summary>What is spent is reserved first. Pitfall 13: double charges and overrun under concurrency.</summary>
public sealed class BudgetTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Store => Path.Combine(folder.Path, "traces.db");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_call_whose_end_was_never_written_stays_reserved_and_is_listed()
    {
        var budget = new Budget(BudgetScope.Run, "", 10);
        await using (var store = TraceStore.Open(Store))
        {
            var key = await store.AskAsync(Questions.Request("q"), Cancelled);
            var ledger = store.Ledger(budget);
            var lost = await ledger.ReserveAsync(Intent(6), Cancelled);
            Assert.Equal((1, null), (lost.Attempt, lost.Exhausted));
        }

        await using var again = TraceStore.Open(Store);
        var unknown = Assert.Single(Account.Of(Store, account => account.UnknownAttempts()));
        Assert.Equal((1, Questions.Request("q").Id, 6m, null), (unknown.Key, unknown.RequestId, unknown.Reserved, unknown.Outcome));
        var refused = await again.Ledger(budget).ReserveAsync(Intent(5), Cancelled);
        Assert.Equal((budget, 6m), (refused.Exhausted, refused.Spent));
        Assert.NotEqual(0, (await again.Ledger(budget).ReserveAsync(Intent(4), Cancelled)).Attempt);
    }

    [Fact]
    public async Task A_settled_call_gives_back_what_it_did_not_cost_and_its_answer_is_stored_in_the_same_commit()
    {
        await using var store = TraceStore.Open(Store);
        var ledger = store.Ledger(new Budget(BudgetScope.Endpoint, "e", 10));
        var key = await store.AskAsync(Questions.Request("q"), Cancelled);
        var call = await ledger.ReserveAsync(Intent(10), Cancelled);
        var answer = Questions.Trace("q", "seven") with { Attempt = call.Attempt, Cost = 0.0000025m };

        await ledger.SettleAsync(call.Attempt, ScriptedEndpoint.Answer with { Reasoning = "hm" }, answer.Cost, answer);
        await ledger.SettleAsync(call.Attempt, ScriptedEndpoint.Answer, answer.Cost, null);
        await store.AnswerAsync(key, answer, Cancelled);

        Assert.Equal("seven", store.Find(answer.Request.Id)!.Answer!.Response);
        Assert.Equal([("", 0.0000025m, 0m), ("assistant", 0.0000025m, 0m), ("e", 0.0000025m, 0m)],
            Account.Of(Store, account => account.Spending()).Select(spending => (spending.Name, spending.Spent, spending.Reserved)));
        Assert.Empty(Account.Of(Store, account => account.UnknownAttempts()));
        var attempt = Assert.Single(Account.Of(Store, account => account.Attempts(key)));
        Assert.Equal((AttemptKind.Answered, 0.0000025m), (attempt.Outcome, attempt.Cost));
    }

    [Fact]
    public async Task A_call_that_may_have_been_charged_for_stays_reserved_and_one_that_was_not_made_costs_nothing()
    {
        await using var store = TraceStore.Open(Store);
        var ledger = store.Ledger();
        foreach (var cost in (decimal?[])[null, 0])
        {
            var call = await ledger.ReserveAsync(Intent(3), Cancelled);
            await ledger.SettleAsync(call.Attempt, ScriptedEndpoint.Status(500), cost, null);
        }

        var run = Account.Of(Store, account => account.Spending()).Single(spending => spending.Scope == BudgetScope.Run);
        Assert.Equal((0, 3), (run.Spent, run.Reserved));
        Assert.Equal(AttemptKind.Broken, Assert.Single(Account.Of(Store, account => account.UnknownAttempts())).Outcome);
    }

    [Fact]
    public async Task Several_writers_of_one_file_never_overrun_a_budget_together()
    {
        StoreFile.OpenWriter(Store, new TraceStoreOptions()).Dispose();
        var granted = new ConcurrentBag<long>();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            using var ledger = Ledger(new Budget(BudgetScope.Run, "", 50));
            for (var call = 0; call < 50; call++)
            {
                var reservation = await ledger.ReserveAsync(Intent(1), Cancelled);
                if (reservation.Exhausted is null)
                {
                    granted.Add(reservation.Attempt);
                    if (call % 2 == 0)
                    {
                        await ledger.SettleAsync(reservation.Attempt, ScriptedEndpoint.Answer, 0.5m, null);
                    }
                }
            }
        })));

        var run = Account.Of(Store, account => account.Spending()).Single(spending => spending.Scope == BudgetScope.Run);
        Assert.True(run.Spent + run.Reserved is > 49 and <= 50, $"{run}");
        Assert.Equal(granted.Count, granted.Distinct().Count());
    }

    [Fact]
    public void A_run_ends_when_its_budget_is_used_up_and_has_spent_no_more() => Simulation.Run(async time =>
    {
        using var ledger = Ledger(new Budget(BudgetScope.Run, "", 0.05m));
        var endpoint = new ScriptedEndpoint(time, (_, _) => ScriptedEndpoint.Answer);
        using var scheduler = new RequestScheduler([new TeacherEndpoint(Priced("e"), endpoint, time)], ledger: ledger, time: time);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 5_000).Select(async number =>
        {
            try
            {
                await scheduler.AskAsync(Questions.Request($"{number}"), ["e"], CancellationToken.None);
                return null;
            }
            catch (TeacherException failure)
            {
                return failure;
            }
        }));

        var run = Account.Of(Store, account => account.Spending()).Single(spending => spending.Scope == BudgetScope.Run);
        var failure = Assert.Single(outcomes.OfType<TeacherException>().DistinctBy(failure => failure.Message));
        Assert.Equal(TeacherFault.Settings, failure.Fault);
        Assert.StartsWith("The budget of the run is used up: of $0.05 ", failure.Message);
        Assert.Equal(endpoint.Calls.Count * 0.000020m, run.Spent);
        Assert.InRange(run.Spent, 0.0497m, 0.05m);
        Assert.Equal(0, run.Reserved);
    });

    [Fact]
    public void Where_a_stage_has_spent_its_money_the_same_endpoint_goes_on_for_another() => Simulation.Run(async time =>
    {
        using var ledger = Ledger(new Budget(BudgetScope.Stage, "assistant", 0.0005m));
        var endpoint = new ScriptedEndpoint(time, (_, _) => ScriptedEndpoint.Answer);
        using var scheduler = new RequestScheduler([new TeacherEndpoint(Priced("e"), endpoint, time)], ledger: ledger, time: time);
        async Task<bool> IsAnsweredAsync(string question, string stage)
        {
            try
            {
                await scheduler.AskAsync(Questions.Request(question) with { Stage = stage }, ["e"], CancellationToken.None);
                return true;
            }
            catch (TeacherException failure) when (failure.SpentBudget is { Scope: BudgetScope.Stage, Name: "assistant" })
            {
                return false;
            }
        }

        var assistant = await Task.WhenAll(Enumerable.Range(0, 100).Select(number => IsAnsweredAsync($"{number}", "assistant")));
        var expert = await Task.WhenAll(Enumerable.Range(0, 100).Select(number => IsAnsweredAsync($"{number}", "expert")));

        Assert.InRange(assistant.Count(isAnswered => isAnswered), 10, 25);
        Assert.DoesNotContain(false, expert);
    });

    [Fact]
    public void An_endpoint_without_money_is_left_and_the_others_go_on() => Simulation.Run(async time =>
    {
        using var ledger = Ledger(new Budget(BudgetScope.Endpoint, "dear", 0.01m));
        var (dear, free) = (new ScriptedEndpoint(time, (_, _) => ScriptedEndpoint.Answer), new ScriptedEndpoint(
            time, (_, _) => ScriptedEndpoint.Answer));
        using var scheduler = new RequestScheduler(
            [
                new TeacherEndpoint(Priced("dear"), dear, time),
                new TeacherEndpoint(new EndpointOptions { Name = "free", Model = "m" }, free, time),
            ],
            ledger: ledger, time: time);

        await Task.WhenAll(Enumerable.Range(0, 2_000).Select(
            number => scheduler.AskAsync(Questions.Request($"{number}"), ["dear", "free"], CancellationToken.None)));

        Assert.Equal(2_000, dear.Calls.Count + free.Calls.Count);
        Assert.InRange(Account.Of(Store, account => account.Spending()).Single(spending => spending.Name == "dear").Spent, 0.007m, 0.01m);
    });

    [Fact]
    public void The_price_of_an_answer_without_a_count_of_tokens_is_the_most_that_it_can_be()
    {
        var request = Questions.Request("seven ✓");
        var most = Price.Most(Priced("e"), request);

        Assert.Equal(((9 + 64) * 1m / 1_000_000) + (100 * 2m / 1_000_000), most);
        Assert.Equal(most, Price.Of(Priced("e"), request, ScriptedEndpoint.Answer with { PromptTokens = 0, CompletionTokens = 0 }));
        Assert.Equal(0.000020m, Price.Of(Priced("e"), request, ScriptedEndpoint.Answer));
        Assert.Null(Price.Of(Priced("e"), request, Attempt.Malformed("cut")));
        Assert.Equal(0, Price.Of(Priced("e"), request, ScriptedEndpoint.Status(500)));
    }

    // Nothing dies here, and time that is simulated waits for every write.
    private ImmediateLedger Ledger(Budget budget) =>
        new(StoreFile.OpenWriter(Store, new TraceStoreOptions { Durability = Durability.ProcessDeath }), budget);

    private static EndpointOptions Priced(string name) => new() { Name = name, Model = "m", MaxTokens = 100, PriceIn = 1, PriceOut = 2 };

    private static CallIntent Intent(decimal reserved) => new(Questions.Request("q").Id, "assistant", "e", "m", 1, reserved);
}
