namespace Orca.Streams.Tests.Teachers.Scheduling;

/// <summary>Three endpoints for a simulated hour: what they allow is used, what they charge is what is booked. Pitfalls 1 and 13.</summary>
public sealed class QuotaUseTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Theory]
    [InlineData(1, 200, 1.25, false)]
    [InlineData(2, 400, 1.6, true)]
    [InlineData(3, 250, 0.6, false)]
    [InlineData(4, 350, 0.8, true)]
    [InlineData(5, 300, 1.0, false)]
    [InlineData(6, 300, 1.0, true, Explicit = true)]
    [InlineData(7, 400, 1.6, false, Explicit = true)]
    [InlineData(8, 350, 0.8, false, Explicit = true)]
    [InlineData(9, 250, 0.6, true, Explicit = true)]
    public void Each_endpoints_binding_quota_is_used_to_95_percent_with_hardly_a_429(
        int seed, int tokens, double tightness, bool fillsEvenly)
    {
        using var hour = new SimulatedHour(seed, tokens, tightness, fillsEvenly: fillsEvenly);
        hour.Run();
        hour.AssertUsed();
        hour.AssertBooks();
    }

    [Fact]
    public void An_endpoint_that_queues_in_silence_is_kept_busy_and_not_crowded_and_the_others_go_on()
    {
        using var hour = new SimulatedHour(seed: 5, tokens: 300, tightness: 1.2, silent: 8);
        hour.Run();
        hour.AssertUsed();
        hour.AssertBooks();
        Assert.InRange(hour.Silent!.AnsweredCalls / (8 * Hour.TotalSeconds / (300 * 0.01)), 0.9, 1.001);
        Assert.InRange(hour.Silent.MostWaiting, 0, 32);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_endpoint_that_says_429_for_ten_minutes_is_waited_for_and_the_others_go_on(bool saysRetryAfter)
    {
        using var hour = new SimulatedHour(
            seed: 6, tokens: 300, tightness: 1.2, closed: (TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(30)),
            saysRetryAfter: saysRetryAfter);
        hour.Run();
        hour.AssertUsed();
        hour.AssertBooks();
    }
}
