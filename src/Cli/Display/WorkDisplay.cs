using Orca.Model;

namespace Orca.Cli.Display;

/// <summary>Shows how far one piece of work on a model's files has come.</summary>
/// <param name="name">What is worked on.</param>
/// <param name="line">Where it is shown.</param>
internal sealed class WorkDisplay(string name, ProgressLine line) : IProgress<WorkProgress>
{
    private bool _isBegun;

    /// <summary>Does work that reports to a display on standard error, which is gone afterwards.</summary>
    public static T Show<T>(string name, Func<IProgress<WorkProgress>, T> work)
    {
        var line = ProgressLine.OnStandardError(TimeProvider.System);
        try
        {
            return work(new WorkDisplay(name, line));
        }
        finally
        {
            line.Clear();
        }
    }

    /// <inheritdoc/>
    public void Report(WorkProgress value)
    {
        if (!_isBegun)
        {
            _isBegun = true;
            line.Begin(value.Done);
        }

        line.Tell(name, value.Done, value.Whole);
    }
}
