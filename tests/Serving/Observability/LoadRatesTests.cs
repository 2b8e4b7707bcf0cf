using Microsoft.Extensions.Time.Testing;
using Orca.Serving.Engine;
using Orca.Serving.Observability;

namespace Orca.Serving.Tests.Observability;

public sealed class LoadRatesTests : IDisposable
{
    private readonly FakeTimeProvider clock = new();
    private readonly LoadRates rates;
    private EngineLoad load;
    private double? bandwidth;

    public LoadRatesTests() => rates = new LoadRates(() => load, () => 1_000_000, () => bandwidth, clock);

    public void Dispose() => rates.Dispose();

    [Fact]
    public void Rates_are_what_was_done_in_the_last_ten_seconds()
    {
        for (var second = 0; second < 30; second++)
        {
            // Ten fast seconds, twenty slow ones: the fast ones are forgotten.
            Compute(prompt: second < 10 ? 1_000 : 100, decodeSteps: second < 10 ? 50 : 20, batch: 4, prefilling: 0.2, decoding: 0.5);
        }

        var report = rates.Report();
        Assert.Equal(100, report.PrefillTokensPerSecond, 6);
        Assert.Equal(80, report.DecodeTokensPerSecond, 6);
    }

    [Fact]
    public void Weights_are_read_once_a_decode_step_over_the_time_of_those_steps_alone()
    {
        for (var second = 0; second < 5; second++)
        {
            Compute(prompt: 10, decodeSteps: 20, batch: 8, prefilling: 0.1, decoding: 0.25);
        }

        Assert.Equal(80e6, rates.Report().WeightBytesPerSecond, 3);
        Assert.Null(rates.Report().BandwidthFraction);
        bandwidth = 100e6;
        Assert.Equal(0.8, rates.Report().BandwidthFraction!.Value, 9);
    }

    [Fact]
    public void An_idle_engine_has_no_rates_and_keeps_the_speed_it_showed()
    {
        Assert.Null(rates.Work(true));
        Compute(prompt: 500, decodeSteps: 10, batch: 4, prefilling: 0.25, decoding: 0.2);
        for (var second = 0; second < 60; second++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        var report = rates.Report();
        Assert.Equal((0, 0, 0), (report.PrefillTokensPerSecond, report.DecodeTokensPerSecond, report.WeightBytesPerSecond));
        var work = rates.Work(hasFreePlace: true)!.Value;
        Assert.Equal(2_000, work.PrefillTokensPerSecond, 6);
        Assert.Equal(200, work.DecodeTokensPerSecond, 6);
        Assert.Equal(0.02, work.SecondsPerToken, 9);
        Assert.True(work.HasFreePlace);
    }

    [Fact]
    public void Before_it_has_both_prefilled_and_decoded_no_speed_is_claimed()
    {
        Compute(prompt: 500, decodeSteps: 0, batch: 0, prefilling: 0.25, decoding: 0);
        Assert.Null(rates.Work(true));
        Assert.Equal(500, rates.Report().PrefillTokensPerSecond, 6);
    }

    private void Compute(long prompt, long decodeSteps, long batch, double prefilling, double decoding)
    {
        load = load with
        {
            PromptTokens = load.PromptTokens + prompt,
            DecodeSteps = load.DecodeSteps + decodeSteps,
            DecodeTokens = load.DecodeTokens + (decodeSteps * batch),
            PrefillSeconds = load.PrefillSeconds + prefilling,
            DecodeSeconds = load.DecodeSeconds + decoding,
        };
        clock.Advance(TimeSpan.FromSeconds(1));
    }
}
