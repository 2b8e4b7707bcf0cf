using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Orca.Streams.Teachers.Endpoints;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Teachers.Endpoints;

/// <summary>Calls of endpoints are measured as OpenTelemetry's conventions for generative AI say.</summary>
public sealed class TelemetryTests
{
    [Fact]
    public async Task A_call_is_measured_by_its_duration_and_its_tokens_with_the_model_it_went_to()
    {
        var measured = new ConcurrentBag<(string Name, double Value, string Tags)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, own) =>
            {
                if (instrument.Meter.Name == TeacherEndpoint.TelemetryName)
                {
                    own.EnableMeasurementEvents(instrument);
                }
            },
        };
        void Note<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state) => measured.Add((
            instrument.Name, Convert.ToDouble(value), string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))));
        listener.SetMeasurementEventCallback<double>(Note);
        listener.SetMeasurementEventCallback<int>(Note);
        listener.SetMeasurementEventCallback<long>(Note);
        listener.Start();

        await using var server = new ChatServer(_ => ChatServer.Reply("x", promptTokens: 11, completionTokens: 22));
        using var scheduler = Support.Endpoints.Of(Support.Endpoints.Options(server) with { Model = "measured" });
        await scheduler.AskAsync(Questions.Request("q"), ["m"], TestContext.Current.CancellationToken);

        // Other tests call other models meanwhile.
        var mine = measured.Where(one => one.Tags.Contains("gen_ai.request.model=measured", StringComparison.Ordinal)).ToList();
        Assert.InRange(Assert.Single(mine, one => one.Name == "gen_ai.client.operation.duration").Value, 0, 60);
        Assert.Equal(
            [("input", 11.0), ("output", 22.0)],
            mine.Where(one => one.Name == "gen_ai.client.token.usage")
                .Select(one => (one.Tags.Split("gen_ai.token.type=")[1].Split(' ')[0], one.Value)).Order());
    }
}
