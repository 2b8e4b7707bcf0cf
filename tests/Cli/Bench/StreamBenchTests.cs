using System.Text.Json.Nodes;
using Orca.Cli.Bench.Streams;
using Orca.Streams.Storage;

namespace Orca.Cli.Tests.Bench;

public sealed class StreamBenchTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orca-bench-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(0, 64)]
    [InlineData(0.02, 200)]
    public async Task Every_task_ends_stored_and_judged_and_nothing_is_left(double latencySeconds, int inFlight)
    {
        var plan = new StreamBenchPlan
        {
            Name = "x",
            Traces = 2000,
            BytesPerTrace = 900,
            Latency = TimeSpan.FromSeconds(latencySeconds),
            InFlight = inFlight,
        };
        var path = Path.Combine(_folder, "traces.db");

        var row = await StreamBench.RunAsync(
            plan, path, Durability.ProcessDeath, TimeProvider.System, TestContext.Current.CancellationToken);

        Assert.Equal((2000, 900, 8, 0, 0), (row.Traces, row.BytesPerTrace, row.Screens, row.InFlightAtEnd, row.WaitingAtEnd));
        using var traces = StoredTraces.Open(path);
        var states = traces.Count(new TraceFilter(), "state").ToDictionary(count => count.Name, count => count.Traces);
        Assert.Equal(["Accepted", "Rejected"], states.Keys.Order());
        Assert.Equal(2000, states.Values.Sum());
        Assert.All(traces.Read(new TraceFilter()).Take(100), trace => Assert.InRange(SizeOf(trace), 880, 960));
        Assert.Equal(
            ["name", "traces", "bytes_per_trace", "screens", "traces_per_second", "peak_memory_bytes", "in_flight_at_end",
                "waiting_at_end"],
            JsonNode.Parse(StreamBenchRow.ToJson([row]))!.AsArray().Single()!.AsObject().Select(field => field.Key));
    }

    private static int SizeOf(StoredTrace trace) => trace.Request.Query.Prompt.Length + trace.Answer!.Response.Length;
}
