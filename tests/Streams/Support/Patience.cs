namespace Orca.Streams.Tests.Support;

internal static class Patience
{
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
