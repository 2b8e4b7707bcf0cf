using System.Diagnostics;

namespace Orca.Streams.Tests.Support;

internal static class Patience
{
    /// <summary>
    /// Does work on a long text, and fails where that took five seconds: some hundred times what it takes in a time that grows with the
    /// length, and less than in one that grows with its square.
    /// </summary>
    public static void OfFiveSeconds(Action work)
    {
        var start = Stopwatch.GetTimestamp();
        work();
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 5);
    }

    /// <summary>Waits for something that other threads bring about; fails after half a minute.</summary>
    public static async Task Until(Func<bool> condition)
    {
        for (var tries = 0; !condition(); tries++)
        {
            Assert.True(tries < 3000, "it did not come about in 30 s");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
