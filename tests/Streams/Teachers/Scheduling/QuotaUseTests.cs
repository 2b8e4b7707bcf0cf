using System.Collections.Immutable;
using CsCheck;
using Orca.Streams.Storage;
using Orca.Streams.Teachers;
using Orca.Streams.Teachers.Budgets;
using Orca.Streams.Teachers.Endpoints;
using Orca.Streams.Teachers.Scheduling;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Teachers.Scheduling;

/// <summary>Three endpoints for a simulated hour: what they allow is used, what they charge is what is booked. Pitfalls 1 and 13.</summary>
public sealed class QuotaUseTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    // Where tokens and requests would last equally long, they bind by turns, and neither is used up on the average.
    private static readonly Gen<double> Tightness = Gen.OneOf(Gen.Double[0.6, 0.85], Gen.Double[1.2, 1.6]);

    [Fact]
    public void Each_endpoints_binding_quota_is_used_to_95_percent_with_hardly_a_429() =>
        Gen.Select(Gen.Int[0, 1_000_000], Gen.Int[100, 500], Tightness).Sample(
            (seed, tokens, tightness) =>
            {
                using var hour = new SimulatedHour(seed, tokens, tightness);
                hour.Run();
                hour.AssertUsed();
                hour.AssertBooks();
            },
            iter: 4,
            threads: 1);

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
