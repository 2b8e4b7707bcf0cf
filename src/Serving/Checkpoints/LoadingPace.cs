namespace Orca.Serving.Checkpoints;

/// <summary>
/// Slows the work of a load down while somebody is answered. A low priority alone does not: once a thread has a processor,
/// the system leaves it there for its slice of some milliseconds, which many steps of a small model would fit into.
/// </summary>
/// <param name="isAnswering">Whether somebody is answered just now.</param>
internal sealed class LoadingPace(Func<bool> isAnswering)
{
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(1);

    /// <summary>
    /// Called between two pieces of work, such as two weights: leaves the processor to the others for a moment, where they need it.
    /// </summary>
    public void Breathe()
    {
        if (isAnswering())
        {
            Thread.Sleep(Rest);
        }
    }
}
