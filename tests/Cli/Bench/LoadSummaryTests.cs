using System.Text.Json.Nodes;
using Orca.Cli.Bench;

namespace Orca.Cli.Tests.Bench;

/// <summary>What is made of the requests' times.</summary>
public sealed class LoadSummaryTests
{
    private static readonly Targets None = new(null, null);

    [Fact]
    public void Latencies_count_from_when_a_request_was_meant_to_be_sent()
    {
        // Meant for 1.0, sent half a second late by a sender that was held up: it waited 0.7 s for its first token.
        var late = Trace(intended: 1, deliveries: [new(1.7, 1), new(1.8, 1)]) with { Sent = 1.5 };
        var summary = LoadSummary.Of(new LoadResult([late], 0, 10), None);
        Assert.Equal(0.7, summary.TimeToFirstToken[50], 9);
        Assert.Equal(0.8, summary.Duration[50], 9);
        Assert.Equal(0.5, summary.Lateness.Max, 9);
    }

    [Fact]
    public void A_delivery_of_several_tokens_is_one_gap_and_several_tokens()
    {
        var trace = Trace(intended: 0, deliveries: [new(1, 2), new(1.3, 3), new(1.9, 1)]);
        Assert.Equal([0.3, 0.6], trace.Gaps.Select(gap => Math.Round(gap, 9)));
        Assert.Equal(0.9 / 4, trace.TimePerToken, 9);
        Assert.Equal(6, trace.Tokens);
        Assert.True(double.IsNaN(Trace(0, [new(1, 5)]).TimePerToken));
    }

    [Fact]
    public void The_warm_up_counts_for_nothing_but_tokens_that_arrive_after_it_do()
    {
        var result = new LoadResult(
            [
                Trace(intended: 1, deliveries: [new(2, 10), new(6, 10)]),
                Trace(intended: 6, deliveries: [new(7, 4), new(16, 8)], prompt: 100),
            ],
            From: 5,
            Until: 15);
        var summary = LoadSummary.Of(result, None);
        Assert.Equal((1, 1), (summary.Requests, summary.TimeToFirstToken.Count));
        Assert.Equal(1.4, summary.OutputTokensPerSecond, 9);
        Assert.Equal(11.4, summary.TotalTokensPerSecond, 9);
        Assert.Equal(0.1, summary.RequestsPerSecond, 9);
        Assert.Equal(10, summary.Duration.Max, 9);
    }

    [Fact]
    public void Goodput_counts_those_that_met_every_target()
    {
        var targets = new Targets(TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(200));
        var result = new LoadResult(
            [
                Trace(0, [new(0.9, 1), new(1.0, 1)]),
                Trace(0, [new(1.1, 1), new(1.2, 1)]),
                Trace(0, [new(0.5, 1), new(0.8, 1)]),
                Trace(0, [new(0.5, 1)]),
                Trace(0, [new(0.5, 1), new(0.6, 1)]) with { Fault = "Internal" },
            ],
            From: 0,
            Until: 4);
        var summary = LoadSummary.Of(result, targets);
        Assert.Equal((0.4, 0.5), (summary.GoodShare, summary.Goodput));
        Assert.Equal(0.8, LoadSummary.Of(result, None).GoodShare);
    }

    [Fact]
    public void Failures_are_counted_by_status_and_are_no_samples_of_whole_answers()
    {
        var result = new LoadResult(
            [
                Trace(0, []) with { Fault = "ResourceExhausted" },
                Trace(0, []) with { Fault = "ResourceExhausted" },
                Trace(0, [new(1, 1)]) with { Fault = "Unfinished" },
                Trace(0, [new(1, 1), new(2, 1)]),
            ],
            From: 0,
            Until: 10);
        var summary = LoadSummary.Of(result, None);
        Assert.Equal([("ResourceExhausted", 2), ("Unfinished", 1)], summary.Failures.Select(pair => (pair.Key, pair.Value)).Order());
        Assert.Equal((4, 2, 1), (summary.Requests, summary.TimeToFirstToken.Count, summary.Duration.Count));
    }

    [Fact]
    public void The_table_and_the_file_tell_the_same()
    {
        var plan = new LoadPlan { Rate = 2.5, Seed = 7 };
        var targets = new Targets(TimeSpan.FromMilliseconds(200), null);
        var summary = LoadSummary.Of(new LoadResult([Trace(0, [new(0.1, 1), new(0.15, 1)])], 0, 2), targets);
        var row = ServeRow.Of("reloading", plan, targets, summary, reloads: 3, new CoreShare(0.5, 0));

        var table = ServeTable.Render(row);
        Assert.Contains("reloading: 1 requests in 2.0 s, 2.50 requests/s by chance; 3 checkpoints published, 1 versions answered", table);
        Assert.Matches(@"first token +100\.0 +100\.0 +100\.0 +100\.0 +1", table);
        Assert.Matches(@"between tokens +50\.0", table);
        Assert.Contains("first token within 200.0 ms", table);

        var json = JsonNode.Parse(ServeRow.ToJson([row]))!.AsArray().Single()!;
        Assert.Equal("reloading", (string)json["phase"]!);
        Assert.Equal((2.5, 3, 0.5), ((double)json["rate"]!, (int)json["reloads"]!, (double)json["other_processors"]!));
        Assert.Equal(50, (double)json["inter_token_latency"]!["p99"]!, 6);
        Assert.Null(json["concurrency"]);
    }

    [Fact]
    public void Without_a_sample_nothing_is_made_up()
    {
        var row = ServeRow.Of("quiet", new LoadPlan(), None, LoadSummary.Of(new LoadResult([], 0, 1), None), null, null);
        Assert.Null(row.TimeToFirstToken.P99);
        Assert.Matches(@"first token +- +- +- +- +0", ServeTable.Render(row));
        Assert.Contains("unknown", ServeTable.Compare(row, row));
    }

    private static RequestTrace Trace(double intended, Delivery[] deliveries, int prompt = 1) => new()
    {
        Intended = intended,
        Sent = intended,
        Ended = deliveries.Length > 0 ? deliveries[^1].At : intended,
        PromptTokens = prompt,
        Deliveries = deliveries,
        Versions = [1],
    };
}
