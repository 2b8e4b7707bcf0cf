using Orca.Serving.Requests;

namespace Orca.Serving.Grpc;

/// <summary>Time between two updates of those who watch.</summary>
internal static class WatchInterval
{
    private const uint Default = 1_000;
    private const uint Shortest = 100;
    private const uint Longest = 60_000;

    /// <summary>The interval of so many milliseconds; 0 for the default.</summary>
    /// <exception cref="GenerationException">It is out of range.</exception>
    public static TimeSpan Of(uint milliseconds) => milliseconds is 0 or (>= Shortest and <= Longest)
        ? TimeSpan.FromMilliseconds(milliseconds == 0 ? Default : milliseconds)
        : throw GenerationException.Invalid("interval_milliseconds", $"is {milliseconds} ms; give {Shortest} to {Longest}");
}
