namespace Orca.Model;

/// <summary>How far a long piece of work has come.</summary>
/// <param name="Done">Bytes that are done.</param>
/// <param name="Whole">Bytes there are to do.</param>
public readonly record struct WorkProgress(long Done, long Whole);

/// <summary>Counts the bytes of a piece of work and reports them. Owned by one thread.</summary>
/// <param name="progress">Who is told; null where nobody listens.</param>
/// <param name="whole">Bytes there are to do.</param>
internal sealed class WorkCounter(IProgress<WorkProgress>? progress, long whole)
{
    private long done;

    /// <summary>So many bytes more are done.</summary>
    public void Add(long bytes) => progress?.Report(new WorkProgress(done += bytes, whole));
}
