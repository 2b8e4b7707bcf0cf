using Orca.Serving.Engine;
using Orca.Serving.Requests;
using Orca.Serving.Tests.Engine;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Observability;

public sealed class ServingMetricsTests
{
    [Fact]
    public async Task An_answer_is_measured_by_the_names_of_the_conventions()
    {
        await using var fixture = new EngineFixture();
        await fixture.InstallAsync(number => ToyStudent.Speller(number, "abcdef"));
        using var seen = new MeterRecorder(fixture.Engine.Metrics.Meter);
        await fixture.Engine.GenerateAsync(EngineFixture.Greedy(new PromptInput.Chat("", "?")));

        var duration = Assert.Single(seen.Of("gen_ai.server.request.duration"));
        Assert.Equal(
            [("gen_ai.operation.name", "chat"), ("gen_ai.provider.name", "orca"), ("gen_ai.request.model", "student")], duration.Tags);
        var first = Assert.Single(seen.Of("gen_ai.server.time_to_first_token"));
        var each = Assert.Single(seen.Of("gen_ai.server.time_per_output_token"));
        Assert.True(0 < first.Value && first.Value <= duration.Value);
        Assert.True(0 < each.Value && each.Value * 6 <= duration.Value);

        var usage = seen.Of("orca.token.usage").ToDictionary(sample => sample.Tags[^1].Value!, sample => sample.Value);
        Assert.Equal(7, usage["output"]);
        Assert.True(usage["input"] > 1);
    }

    [Fact]
    public async Task Every_sample_of_a_request_is_measured_and_its_prompt_once()
    {
        await using var fixture = new EngineFixture();
        await fixture.InstallAsync(number => ToyStudent.Speller(number, "abcdef"));
        using var seen = new MeterRecorder(fixture.Engine.Metrics.Meter);
        await fixture.Engine.GenerateAsync(EngineFixture.Greedy(PromptInput.StartToken) with { Sampling = new SamplingOptions { SampleCount = 3, Seed = 1 } });

        Assert.Single(seen.Of("gen_ai.server.request.duration"));
        Assert.Equal(3, seen.Of("gen_ai.server.time_to_first_token").Count);
        Assert.Equal(["input", "output", "output", "output"], seen.Of("orca.token.usage").Select(sample => sample.Tags[^1].Value!).Order());
    }

    [Fact]
    public async Task Refused_failed_and_abandoned_requests_say_why()
    {
        await using var fixture = new EngineFixture(new EngineOptions { MaxConcurrentRequests = 1, MaxQueuedRequests = 1 });
        using var seen = new MeterRecorder(fixture.Engine.Metrics.Meter);
        await Assert.ThrowsAsync<GenerationException>(() => fixture.Engine.GenerateAsync(EngineFixture.Greedy(PromptInput.StartToken)));
        await fixture.InstallAsync(number => ToyStudent.Speller(number, "abcdef", endless: true, context: 4_096));
        using var gone = new CancellationTokenSource();
        await foreach (var _ in fixture.Engine.StreamAsync(EngineFixture.Greedy(PromptInput.StartToken), gone.Token))
        {
            break;
        }

        Assert.Equal(["NoModel", "Cancelled"], seen.Of("gen_ai.server.request.duration").Select(sample => sample.Tags[^1].Value!));
        Assert.Empty(seen.Of("gen_ai.server.time_to_first_token"));
    }

    [Fact]
    public async Task The_engines_counters_are_read_when_somebody_collects()
    {
        await using var fixture = new EngineFixture();
        await fixture.InstallAsync(number => ToyStudent.Speller(number, "abcdef"));
        using var seen = new MeterRecorder(fixture.Engine.Metrics.Meter);
        await fixture.Engine.GenerateAsync(EngineFixture.Greedy(PromptInput.StartToken));
        await Patience.UntilAsync(() => fixture.Engine.Load is { Running: 0, UsedBlocks: 0 });
        seen.Collect();

        double Last(string name) => seen.Of(name)[^1].Value;
        Assert.Equal(fixture.Engine.Load.Steps, Last("orca.steps"));
        Assert.True(Last("orca.steps") >= 7);
        Assert.Equal((0, 0, 0), (Last("orca.requests.running"), Last("orca.requests.waiting"), Last("orca.queue.tokens")));
        Assert.Equal(1, Last("orca.model.active_version"));
        var blocks = seen.Of("orca.cache.blocks").ToDictionary(sample => sample.Tags[0].Value!, sample => sample.Value);
        Assert.Equal(fixture.Engine.Load.Blocks, blocks["free"] + blocks["used"] + blocks["cached"]);
        Assert.Equal(1, seen.Of("orca.model.versions").Single(sample => sample.Tags[0].Value == "active").Value);
    }
}
