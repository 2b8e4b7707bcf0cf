using System.Globalization;

namespace Orca.Cli.Bench;

/// <summary>Watches who else had the processors while something was measured. Knows nothing where there is no <c>/proc</c>.</summary>
internal sealed class CoreGuard
{
    private readonly int[] _alsoOurs;
    private readonly TimeProvider _clock;
    private readonly ProcessorTimes? _before;
    private readonly long _started;

    private CoreGuard(int[] alsoOurs, TimeProvider clock)
    {
        (_alsoOurs, _clock) = (alsoOurs, clock);
        (_before, _started) = (ProcessorTimes.Read(alsoOurs), clock.GetTimestamp());
    }

    /// <summary>Begins to watch.</summary>
    /// <param name="alsoOurs">Processes beside this one that belong to the measurement, such as the server measured.</param>
    public static CoreGuard Start(params int[] alsoOurs) => new(alsoOurs, TimeProvider.System);

    /// <summary>What others had since the start; null where the machine does not tell, or it was too short to say.</summary>
    public CoreShare? Stop() =>
        _before is { } before && ProcessorTimes.Read(_alsoOurs) is { } after
            ? CoreShare.Between(before, after, _clock.GetElapsedTime(_started))
            : null;
}

/// <summary>What others had of the processors while something was measured.</summary>
/// <param name="Others">Processors that other processes and the kernel kept busy, on average.</param>
/// <param name="Stolen">Processors that the host gave to other machines, on average.</param>
internal sealed record CoreShare(double Others, double Stolen)
{
    /// <summary>From here on a figure is doubtful: a tenth of a processor is what an idle machine never shows.</summary>
    public const double Tolerated = 0.1;

    /// <summary>What to tell beside the figures; null where they stand.</summary>
    public string? Warning => (Others, Stolen) switch
    {
        ( > Tolerated, > Tolerated) => $"{OthersText}, and {StolenText}; measure again on a quiet machine.",
        ( > Tolerated, _) => $"{OthersText}; measure again when they have ended.",
        (_, > Tolerated) => $"{StolenText}; measure again when it is quiet.",
        _ => null,
    };

    private string OthersText =>
        string.Create(CultureInfo.InvariantCulture, $"Other processes held {Others:F2} processors during the measurement");

    private string StolenText => string.Create(CultureInfo.InvariantCulture, $"the host gave {Stolen:F2} processors to other machines");

    /// <summary>What lies between two readings; null where they are less than 200 ms apart, 20 ticks.</summary>
    public static CoreShare? Between(ProcessorTimes before, ProcessorTimes after, TimeSpan elapsed)
    {
        var ticks = elapsed.TotalSeconds * ProcessorTimes.TicksPerSecond;
        var others = after.Busy - before.Busy - (after.Own - before.Own);
        return ticks < 20 ? null : new CoreShare(Math.Max(0, others) / ticks, Math.Max(0, after.Stolen - before.Stolen) / ticks);
    }
}
