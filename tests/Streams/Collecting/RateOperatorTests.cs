using System.Reactive.Concurrency;
using System.Reactive.Linq;
using Orca.Streams.Collecting;

namespace Orca.Streams.Tests.Collecting;

public sealed class RateOperatorTests
{
    [Fact]
    public void The_rate_is_that_of_the_last_ten_seconds_or_of_those_there_were()
    {
        var clock = new HistoricalScheduler(DateTimeOffset.UnixEpoch);
        var rates = new List<double>();
        // Seven a second for twenty seconds, then three a second.
        var events = Enumerable.Range(0, 30).SelectMany(second => Enumerable.Repeat(second + 0.5, second < 20 ? 7 : 3));
        using var subscription = events
            .Select(at => Observable.Timer(DateTimeOffset.UnixEpoch.AddSeconds(at), clock)).Merge()
            .Concat(Observable.Never<long>()).PerSecond(10, clock).Subscribe(rates.Add);

        clock.AdvanceTo(DateTimeOffset.UnixEpoch.AddSeconds(41));

        Assert.Equal(Enumerable.Repeat(7.0, 20), rates.Take(20));
        Assert.Equal([6.6, 5, 3, 0], new[] { 20, 24, 29, 39 }.Select(second => Math.Round(rates[second], 6)));
    }
}
