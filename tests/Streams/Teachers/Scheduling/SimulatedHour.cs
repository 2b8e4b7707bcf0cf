using Orca.Streams.Storage;
using Orca.Streams.Teachers;
using Orca.Streams.Teachers.Budgets;
using Orca.Streams.Teachers.Endpoints;
using Orca.Streams.Teachers.Scheduling;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Teachers.Scheduling;

/// <summary>
/// An hour in which 128 askers want answers of three endpoints of 300, 60 and 18 requests a minute, all calls in a real store.
/// </summary>
internal sealed class SimulatedHour : IDisposable
{
    private const decimal Money = 1_000;
    private static readonly TimeSpan Length = TimeSpan.FromHours(1);

    private readonly TemporaryFolder folder = new();
    private readonly List<(EndpointOptions Options, SimulatedEndpoint Endpoint)> endpoints = [];
    private readonly int seed;
    private readonly Func<Simulation, List<(EndpointOptions Options, SimulatedEndpoint Endpoint)>> make;
    private TimeSpan closed;
    private string Store => Path.Combine(folder.Path, "traces.db");

    /// <param name="seed">Of all that happens by chance.</param>
    /// <param name="tokens">Mean tokens of an answer.</param>
    /// <param name="tightness">Tokens allowed a minute, as a share of what the requests allowed need: below 1 tokens bind.</param>
    /// <param name="silent">Slots of a fourth endpoint without quotas that queues in silence; null for none.</param>
    /// <param name="closed">When the first endpoint says 429 to everything.</param>
    /// <param name="saysRetryAfter">Whether it says for how long.</param>
    /// <param name="fillsEvenly">What they allow fills evenly, in place of being counted over the last 60 seconds.</param>
    public SimulatedHour(
        int seed, int tokens, double tightness, int? silent = null, (TimeSpan From, TimeSpan Until) closed = default,
        bool saysRetryAfter = true, bool fillsEvenly = false)
    {
        this.seed = seed;
        this.closed = closed.Until - closed.From;
        make = time =>
        {
            var all = new List<(EndpointOptions, SimulatedEndpoint)>();
            foreach (var (name, requests, price) in ((string, double, decimal)[])[("cheap", 300, 0.5m), ("middle", 60, 5), ("dear", 18, 30)])
            {
                var options = new EndpointOptions
                {
                    Name = name,
                    Model = name,
                    RequestsPerMinute = requests,
                    TokensPerMinute = requests * (tokens + 10) * tightness,
                    Concurrency = 64,
                    PriceIn = price,
                    PriceOut = price * 3,
                };
                all.Add((options, new SimulatedEndpoint(time, new Random(seed + all.Count), options)
                {
                    MeanTokens = tokens,
                    Faults = 0.05,
                    Closed = name == "cheap" ? closed : default,
                    SaysRetryAfter = saysRetryAfter,
                    FillsEvenly = fillsEvenly,
                }));
            }

            if (silent is { } slots)
            {
                var options = new EndpointOptions { Name = "silent", Model = "silent", Concurrency = 200 };
                all.Add((options, new SimulatedEndpoint(time, new Random(seed + 9), options) { MeanTokens = tokens, Slots = slots }));
            }

            return all;
        };
    }

    public SimulatedEndpoint? Silent => endpoints.Count > 3 ? endpoints[3].Endpoint : null;

    public void Run()
    {
        using var ledger = new ImmediateLedger(
            StoreFile.OpenWriter(Store, new TraceStoreOptions { Durability = Durability.ProcessDeath }),
            new Budget(BudgetScope.Run, "", Money))
        { WritesPerCommit = 1_000 };
        Simulation.Run(async time =>
        {
            endpoints.AddRange(make(time));
            var random = new Random(seed);
            using var scheduler = new RequestScheduler(
                endpoints.Select(endpoint => new TeacherEndpoint(endpoint.Options, endpoint.Endpoint, time)),
                ledger: ledger, time: time, random: random.NextDouble);
            var number = 0;
            await Task.WhenAll(Enumerable.Range(0, 128).Select(async _ =>
            {
                while (time.Now < Length)
                {
                    var request = Questions.Request($"question {number++} of a length of about forty letters");
                    await scheduler.AskAsync(request, [.. endpoints.Select(endpoint => endpoint.Options.Name)], CancellationToken.None);
                }
            }));
            Assert.Equal((0, 0), (scheduler.InFlight, scheduler.Waiting));
        });
    }

    public void AssertUsed()
    {
        foreach (var (options, endpoint) in endpoints.Take(3))
        {
            var open = Length - (options.Name == "cheap" ? closed : TimeSpan.Zero);
            var requests = endpoint.Accepted / (options.RequestsPerMinute!.Value * open.TotalMinutes);
            var tokens = endpoint.TokensUsed / (options.TokensPerMinute!.Value * open.TotalMinutes);
            TestContext.Current.SendDiagnosticMessage(
                $"{options.Name}: requests {requests:P1}, tokens {tokens:P1}, calls {endpoint.Calls}, 429s {endpoint.Throttled}");

            Assert.True(Math.Max(requests, tokens) >= 0.95, $"{options.Name}: {requests:P1} of the requests, {tokens:P1} of the tokens");
        }

        var (calls, throttled) = (endpoints.Sum(endpoint => endpoint.Endpoint.Calls), endpoints.Sum(endpoint => endpoint.Endpoint.Throttled));
        Assert.True(throttled < 0.01 * calls, $"{throttled} of {calls} calls were throttled");
    }

    public void AssertBooks()
    {
        var run = Assert.Single(Account.Of(Store, account => account.Spending()), spending => spending.Scope == BudgetScope.Run);
        var unknown = Account.Of(Store, account => account.UnknownAttempts());
        Assert.Equal(endpoints.Sum(endpoint => endpoint.Endpoint.Calls), Account.Of(Store, account => account.Attempts()).Length);
        Assert.Equal(endpoints.Sum(endpoint => endpoint.Endpoint.Charged), run.Spent);
        Assert.Equal(endpoints.Sum(endpoint => endpoint.Endpoint.Lost), unknown.Length);
        Assert.Equal(unknown.Sum(attempt => attempt.Reserved), run.Reserved);
        Assert.True(run.Reserved >= endpoints.Sum(endpoint => endpoint.Endpoint.ChargedForLost));
        Assert.True(run.Spent + run.Reserved <= Money);
    }

    public void Dispose() => folder.Dispose();
}
