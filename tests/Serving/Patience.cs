namespace Orca.Serving.Tests;

/// <summary>Waits for what happens on other threads.</summary>
internal static class Patience
{
    /// <summary>Returns when it holds; fails the test after 30 s.</summary>
    public static Task UntilAsync(Func<bool> holds) => UntilAsync(() => Task.FromResult(holds()));

    /// <summary>Returns when it holds; fails the test after 30 s.</summary>
    public static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await holds())
        {
            await Task.Delay(5, end.Token);
        }
    }
}
