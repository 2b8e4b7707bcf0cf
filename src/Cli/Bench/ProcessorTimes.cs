using System.Globalization;

namespace Orca.Cli.Bench;

/// <summary>Processor time since the machine started, in ticks of 10 ms, as Linux counts it in <c>/proc</c>.</summary>
/// <param name="Busy">Ticks in which any process or the kernel computed, over all processors.</param>
/// <param name="Stolen">Ticks that the host gave to other machines.</param>
/// <param name="Own">Ticks of this process and of those named as part of the measurement.</param>
internal readonly record struct ProcessorTimes(long Busy, long Stolen, long Own)
{
    /// <summary>Ticks a second: fixed for what the kernel tells programs.</summary>
    public const double TicksPerSecond = 100;

    /// <summary>The times now; null where the machine does not tell them.</summary>
    /// <param name="alsoOurs">Processes beside this one that belong to the measurement.</param>
    public static ProcessorTimes? Read(IEnumerable<int> alsoOurs)
    {
        try
        {
            var own = OwnOf(File.ReadAllText("/proc/self/stat"));
            foreach (var id in alsoOurs)
            {
                own += OwnOf(File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat")));
            }

            return Of(File.ReadAllText("/proc/stat"), own);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Reads the text of <c>/proc/stat</c>.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static ProcessorTimes Of(string stat, long own)
    {
        // cpu user nice system idle iowait irq softirq steal ...: nice is what low priority uses, guests are within user.
        var fields = stat.Split('\n', 2)[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length < 9 || fields[0] != "cpu")
        {
            throw new FormatException("/proc/stat does not begin with the processors' times.");
        }

        long Field(int i) => long.Parse(fields[i], CultureInfo.InvariantCulture);
        return new ProcessorTimes(Field(1) + Field(2) + Field(3) + Field(6) + Field(7), Field(8), own);
    }

    /// <summary>Reads the text of <c>/proc/ID/stat</c>: ticks in the process and in the kernel for it.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static long OwnOf(string stat)
    {
        // The name in brackets may hold anything, blanks and brackets too.
        var fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length >= 13
            ? long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)
            : throw new FormatException("/proc/ID/stat has too few fields.");
    }
}
