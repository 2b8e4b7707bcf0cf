using Microsoft.Extensions.Time.Testing;
using Orca.Serving.Security;

namespace Orca.Serving.Tests.Security;

/// <summary>Who sends what is refused without a pause has less and less of the server, and nobody else notices.</summary>
public class RefusalPaceTests
{
    private readonly FakeTimeProvider clock = new();

    [Fact]
    public void A_few_refusals_wait_for_nothing_and_neither_do_as_many_as_a_key_is_forgiven_a_second()
    {
        var pace = new RefusalPace(clock);
        for (var i = 0; i < RefusalPace.FreeAtOnce; i++)
        {
            Assert.Equal(TimeSpan.Zero, pace.Next("one"));
        }

        for (var i = 0; i < 1_000; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(1.01 / RefusalPace.FreePerSecond));
            Assert.Equal(TimeSpan.Zero, pace.Next("one"));
        }
    }

    [Fact]
    public void Callers_that_never_pause_are_refused_about_as_often_as_is_forgiven_and_others_do_not_wait()
    {
        const int callers = 4;
        var pace = new RefusalPace(clock);
        var (refusals, next) = (0, new TimeSpan[callers]);
        for (var now = TimeSpan.Zero; now < TimeSpan.FromSeconds(60); now += TimeSpan.FromMilliseconds(1))
        {
            for (var caller = 0; caller < callers; caller++)
            {
                if (next[caller] <= now)
                {
                    next[caller] = now + pace.Next("flood");
                    refusals++;
                }
            }

            clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.InRange(refusals, 500, 1_000);
        Assert.Equal(TimeSpan.Zero, pace.Next("other"));
        Assert.True(pace.Next("flood") <= RefusalPace.Longest);
    }
}
