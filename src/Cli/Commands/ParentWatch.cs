using System.Diagnostics;
using System.Globalization;

namespace Orca.Cli.Commands;

/// <summary>
/// Asks this process to end when the one that started it is gone, where it was started as its part: whoever is ended at once cannot ask.
/// </summary>
internal sealed class ParentWatch : IDisposable
{
    /// <summary>Variable that holds the number of the process that this one is a part of.</summary>
    public const string Variable = "ORCA_PARENT_PROCESS";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Timer _timer;

    private ParentWatch(int parent, Action gone) => _timer = new Timer(
        _ =>
        {
            if (!IsThere(parent))
            {
                gone();
            }
        },
        null, Interval, Interval);

    /// <summary>Watches, where this process is a part of another.</summary>
    /// <param name="gone">Called when that one is gone, again and again.</param>
    public static ParentWatch? Begin(Action gone) =>
        int.TryParse(Environment.GetEnvironmentVariable(Variable), NumberStyles.None, CultureInfo.InvariantCulture, out var parent)
            ? new ParentWatch(parent, gone)
            : null;

    /// <summary>Watches no longer, and has called for the last time.</summary>
    public void Dispose()
    {
        using var ended = new ManualResetEvent(false);
        if (_timer.Dispose(ended))
        {
            ended.WaitOne();
        }
    }

    private static bool IsThere(int process)
    {
        try
        {
            using var found = Process.GetProcessById(process);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
