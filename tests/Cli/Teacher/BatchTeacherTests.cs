using System.Reactive.Linq;
using Orca.Cli.Teacher;
using Orca.Cli.Teacher.Faults;
using Orca.Streams.Storage;
using Orca.Streams.Teachers;
using Orca.Streams.Teachers.Batches;
using Orca.Streams.Teachers.Budgets;
using Orca.Streams.Teachers.Endpoints;

namespace Orca.Cli.Tests.Teacher;

/// <summary>Asking in batches, against the simulated endpoint over HTTP.</summary>
public sealed class BatchTeacherTests : IDisposable
{
    private static readonly TeacherModel Priced = new() { Name = TeacherRun.Model, PriceIn = 30, PriceOut = 60 };

    private readonly string folder = Directory.CreateTempSubdirectory("orca-").FullName;

    [Fact]
    public async Task Requests_are_answered_in_batches_at_their_price_and_stored_with_their_calls()
    {
        await using var run = await TeacherRun.StartAsync(TeacherRun.Of(Priced));
        await using var store = TraceStore.Open(Path.Combine(folder, "traces.db"));
        await using var teacher = Open(run, store);
        var traces = await Task.WhenAll(Enumerable.Range(0, 25).Select(number => AskAsync(teacher, store, number)));
        for (var number = 0; number < 25; number++)
        {
            var expected = await new SolverTeacher(SolverStrength.Expert).AskAsync(TeacherRun.Request(number), TeacherRun.Cancelled);
            Assert.Equal(expected.Response, traces[number].Response);
            Assert.Equal(expected.Response, store.Find(TeacherRun.Request(number).Id)!.Answer!.Response);
        }

        Assert.Equal(run.Row(isBatch: true).Amount, traces.Sum(trace => trace.Cost));
        Assert.Equal(3, (await run.Batches()).Count);
        Assert.Empty(Unsettled());
    }

    [Fact]
    public async Task A_refused_request_fails_alone()
    {
        var one = TeacherRun.Request(1).Query.Prompt;
        await using var run = await TeacherRun.StartAsync(TeacherRun.Of(Priced, new FaultRule { Fault = "400", Matching = one }));
        await using var store = TraceStore.Open(Path.Combine(folder, "traces.db"));
        await using var teacher = Open(run, store);
        var asked = Enumerable.Range(0, 3).Select(number => AskAsync(teacher, store, number)).ToList();
        var refused = await Assert.ThrowsAsync<TeacherException>(() => asked[1]);
        Assert.Equal(TeacherFault.Request, refused.Fault);
        Assert.NotEmpty((await asked[0]).Response);
        Assert.NotEmpty((await asked[2]).Response);
    }

    [Fact]
    public async Task What_failed_in_passing_is_asked_again_in_another_batch()
    {
        await using var run = await TeacherRun.StartAsync(TeacherRun.Of(Priced, new FaultRule { Fault = "500", Times = 1 }));
        await using var store = TraceStore.Open(Path.Combine(folder, "traces.db"));
        await using var teacher = Open(run, store);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(number => AskAsync(teacher, store, number)));
        Assert.Equal((6, 3, 3), (run.Row(isBatch: true).Calls, run.Row(isBatch: true).Answered, run.Row(isBatch: true).Failed));
    }

    [Fact]
    public async Task A_batch_that_nobody_waits_for_any_more_is_stored_by_the_next_start_and_paid_for_once()
    {
        await using var run = await TeacherRun.StartAsync(TeacherRun.Of(Priced) with { BatchSeconds = 0.5 });
        await using var store = TraceStore.Open(Path.Combine(folder, "traces.db"));
        using (var stop = CancellationTokenSource.CreateLinkedTokenSource(TeacherRun.Cancelled))
        {
            await using var first = Open(run, store);
            var asked = Enumerable.Range(0, 5).Select(number => AskAsync(first, store, number, stop.Token)).ToList();
            while ((await run.Batches()).Count == 0)
            {
                await Task.Delay(5, TeacherRun.Cancelled);
            }

            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(asked));
        }

        await using var second = Open(run, store);
        var again = await AskAsync(second, store, 3);
        Assert.NotEmpty(again.Response);
        Assert.All(Enumerable.Range(0, 5), number => Assert.NotNull(store.Find(TeacherRun.Request(number).Id)!.Answer));
        Assert.Equal((5, 5), (run.Row(isBatch: true).Calls, run.Row(isBatch: true).Answered));
        Assert.Single(await run.Batches());
        using var account = StoredTraces.Open(store.Path);
        Assert.Equal(run.Row(isBatch: true).Amount, account.Attempts().Sum(attempt => attempt.Cost ?? 0));
    }

    [Fact]
    public async Task A_budget_holds_over_batches_and_is_used_as_far_as_the_most_that_a_call_can_cost_still_fits()
    {
        await using var run = await TeacherRun.StartAsync(TeacherRun.Of(Priced));
        await using var store = TraceStore.Open(Path.Combine(folder, "traces.db"));
        await using var teacher = Open(run, store, new Budget(BudgetScope.Run, "", 0.036m));
        var asked = Enumerable.Range(0, 10).Select(number => AskAsync(teacher, store, number)).ToList();
        await Assert.ThrowsAsync<TeacherException>(() => Task.WhenAll(asked));
        Assert.InRange(asked.Count(one => one.IsCompletedSuccessfully), 1, 9);
        Assert.All(
            asked.Where(one => one.IsFaulted),
            one => Assert.Equal(BudgetScope.Run, Assert.IsType<TeacherException>(one.Exception!.InnerException).SpentBudget!.Scope));

        // A call reserves 3.3 to 3.4 cents, and costs less than a tenth of one.
        Assert.InRange(run.Row(isBatch: true).Amount, 0.001m, 0.036m);
        Assert.True((await run.Batches()).Count > 1, "what is left over is gathered again when a batch is settled");
    }

    [Fact]
    public async Task An_endpoint_that_will_not_take_the_file_is_told_with_its_reason()
    {
        await using var run = await TeacherRun.StartAsync(TeacherRun.Of(Priced) with { Keys = [new TeacherKey { Name = "a", Key = "a" }] });
        await using var store = TraceStore.Open(Path.Combine(folder, "traces.db"));
        await using var teacher = Open(run, store);
        var refused = await Assert.ThrowsAsync<TeacherException>(() => AskAsync(teacher, store, 0));
        Assert.Equal(TeacherFault.Settings, refused.Fault);
        Assert.Contains("Incorrect API key", refused.Message);
    }

    // Each thing that can go wrong with a call of the interface, twice in a row.
    public static MatrixTheoryData<string, ProxyFault> Faults => new(
        ["POST /v1/files", "GET /v1/batches", "POST /v1/batches", "GET /v1/batches/batch", "GET /v1/files/"],
        Enum.GetValues<ProxyFault>());

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Whatever_goes_wrong_with_a_call_of_the_interface_every_request_is_answered_and_paid_for_once(
        string kind, ProxyFault fault)
    {
        await using var run = await TeacherRun.StartAsync(TeacherRun.Of(Priced));
        await using var proxy = await FaultyProxy.StartAsync(run.Host.Endpoint, kind, fault);
        await using var store = TraceStore.Open(Path.Combine(folder, "traces.db"));
        await using var teacher = Open(run.Endpoint() with { Url = new Uri(proxy.Endpoint, "v1") }, store);

        var traces = await Task.WhenAll(Enumerable.Range(0, 10).Select(number => AskAsync(teacher, store, number)));

        // A batch whose making was not answered is found, and not made again.
        Assert.InRange(proxy.Met, kind == "POST /v1/batches" && fault >= ProxyFault.ReplyLost ? 1 : 3, 20);
        Assert.All(traces, trace => Assert.NotEmpty(trace.Response));
        Assert.Single(await run.Batches());
        Assert.Equal((10, 10), (run.Row(isBatch: true).Calls, run.Row(isBatch: true).Answered));
        Assert.Equal(run.Row(isBatch: true).Amount, traces.Sum(trace => trace.Cost));
    }

    [Fact]
    public async Task Killed_while_the_answers_are_settled_it_settles_the_others_in_the_next_start()
    {
        await using var run = await TeacherRun.StartAsync(TeacherRun.Of(Priced));
        await using var store = TraceStore.Open(Path.Combine(folder, "traces.db"));
        await using (var first = new BatchTeacher(run.Endpoint(), Options, new FailingLedger(store.Ledger(), settled: 4)))
        {
            var asked = Enumerable.Range(0, 10).Select(number => AskAsync(first, store, number)).ToList();
            await Assert.ThrowsAsync<TeacherException>(() => Task.WhenAll(asked));
        }

        await using var second = Open(run.Endpoint(), store);
        var traces = await Task.WhenAll(Enumerable.Range(0, 10).Select(number => AskAsync(second, store, number)));

        Assert.All(traces, trace => Assert.Equal(trace.Response, store.Find(trace.Request.Id)!.Answer!.Response));
        Assert.Single(await run.Batches());
        using var account = StoredTraces.Open(store.Path);
        Assert.Equal(run.Row(isBatch: true).Amount, account.Spending().Single(spending => spending.Name.Length == 0).Spent);
        Assert.Empty(account.UnknownAttempts());
    }

    [Fact]
    public async Task An_endpoint_that_is_never_reached_is_told_and_given_up_soon()
    {
        await using var store = TraceStore.Open(Path.Combine(folder, "traces.db"));
        await using var run = await TeacherRun.StartAsync(TeacherRun.Of(Priced));
        await using var teacher = Open(run.Endpoint() with { Url = new Uri("http://127.0.0.1:1/v1") }, store);
        var told = new List<AskingPutOff>();
        using var subscription = teacher.Events.OfType<AskingPutOff>().Subscribe(told.Add);

        var failure = await Assert.ThrowsAsync<TeacherException>(() => AskAsync(teacher, store, 0));

        Assert.Contains("cannot be reached", failure.Message);
        Assert.Equal(5, told.Count);
        Assert.All(told, one => Assert.Contains("cannot be reached", one.Message));
    }

    [Theory]
    [InlineData("000001.asked.jsonl", "{\"Request\"")]
    [InlineData("000001.asked.jsonl", null)]
    [InlineData("000001.batch.json", "{\"Number\": 1")]
    public async Task A_batch_whose_file_is_damaged_since_is_told_with_what_helps(string name, string? content)
    {
        await using var run = await TeacherRun.StartAsync(TeacherRun.Of(Priced) with { BatchSeconds = 60 });
        await using var store = TraceStore.Open(Path.Combine(folder, "traces.db"));
        await using (var first = Open(run, store))
        {
            var asked = AskAsync(first, store, 0);
            while ((await run.Batches()).Count == 0)
            {
                await Task.Delay(5, TeacherRun.Cancelled);
            }
        }

        var file = Path.Combine(folder, "batches", name);
        await File.WriteAllTextAsync(file, content ?? "", TeacherRun.Cancelled);

        var failure = Assert.Throws<TeacherException>(() => Open(run, store));

        Assert.Contains($"'{file}' does not", failure.Message);
        Assert.Contains("delete", failure.Message);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private BatchOptions Options => new()
    {
        Folder = Path.Combine(folder, "batches"),
        MaxRequests = 10,
        Gather = TimeSpan.FromMilliseconds(100),
        Poll = TimeSpan.FromMilliseconds(20),
        FirstPause = TimeSpan.FromMilliseconds(10),
    };

    private BatchTeacher Open(TeacherRun run, TraceStore store, params Budget[] budgets) => Open(run.Endpoint(), store, budgets);

    private BatchTeacher Open(EndpointOptions endpoint, TraceStore store, params Budget[] budgets) =>
        new(endpoint, Options, store.Ledger(budgets));

    private static async Task<Trace> AskAsync(BatchTeacher teacher, TraceStore store, int number, CancellationToken? stop = null)
    {
        var request = TeacherRun.Request(number);
        await store.AskAsync(request, TeacherRun.Cancelled);
        return await teacher.AskAsync(request, stop ?? TeacherRun.Cancelled);
    }

    private IEnumerable<string> Unsettled() =>
        Directory.EnumerateFiles(Path.Combine(folder, "batches"), "*.batch.json")
            .Where(file => !File.ReadAllText(file).Contains("\"Settled\""));

    /// <summary>Fails after so many calls were settled, as a killed process does.</summary>
    private sealed class FailingLedger(IAttemptLedger ledger, int settled) : IAttemptLedger
    {
        private int _settled;

        public Task<Reservation> ReserveAsync(CallIntent call, CancellationToken cancellationToken) =>
            ledger.ReserveAsync(call, cancellationToken);

        public Task SettleAsync(long attempt, Attempt outcome, decimal? cost, Trace? answer) =>
            Interlocked.Increment(ref _settled) > settled
            ? Task.FromException(new IOException("killed"))
            : ledger.SettleAsync(attempt, outcome, cost, answer);
    }
}
