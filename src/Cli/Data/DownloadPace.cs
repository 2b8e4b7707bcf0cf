namespace Orca.Cli.Data;

/// <summary>How long a download is tried.</summary>
internal sealed record DownloadPace
{
    /// <summary>Tries in a row that bring not a byte more, after which it is given up.</summary>
    public int Tries { get; init; } = 5;

    /// <summary>The pause before the second try; each further one is twice as long.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause of one's own accord.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest pause that a server may ask for; one that asks for more is not waited for.</summary>
    public TimeSpan LongestAsked { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long nothing may come before the connection counts as lost.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Measures the pauses.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The pause after so many tries.</summary>
    public TimeSpan PauseAfter(int tries) => TimeSpan.FromTicks(
        (long)Math.Min(LongestPause.Ticks, FirstPause.Ticks * Math.Pow(2, tries - 1)));
}
